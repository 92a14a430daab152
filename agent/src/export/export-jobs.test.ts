import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { verify } from '#verify';
import { ChainStore, toChainHooks } from '#chain';
import { openNotary } from '#proof';
import { midnight, porch, yard, House } from '#testing';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { exportKeptMs, type ExportId, type ExportJob } from '@porchlight/contract/exports';
import { manifestSchema, type Manifest } from '@porchlight/contract/proof';
import { openExportJobs, openJobFolder, type ExportJobs, type JobFolder, type JobParts } from './index.ts';

const startMs = midnight + 30_000;
const noPace: JobParts['pace'] = {
  take: (_bytes, signal) => {
    signal.throwIfAborted();
    return Promise.resolve();
  },
};

type World = {
  readonly house: House;
  readonly folder: JobFolder;
  readonly log: ReturnType<typeof openFakeLog>;
  readonly parts: JobParts;
  open(change?: Partial<JobParts>): ExportJobs;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Two cameras: the yard for a minute with a hole of 10 s in the middle, the porch for 20 s. */
async function openWorld(): Promise<World> {
  const house = new House();
  const temp = openTempFolder();
  let chain!: ChainStore;
  house.attach = (store) => {
    chain = new ChainStore(store.db, () => house.clock.nowMs());
    store.listen(toChainHooks(chain));
  };
  const archive = await house.start();
  const { volume, clock } = house;
  const log = openFakeLog();
  const notary = await openNotary({ chain, volume, clock, log, send: () => undefined });
  archive.setCamera(yard, { addedMs: midnight });
  archive.setCamera(porch, { addedMs: midnight });
  await house.record(porch).play(20_000);
  await house.recorder.close();
  await house.record(yard, { pictureBytes: 2_000 }).play(20_000);
  house.recorder.onEnd({ reason: 'network', wallMs: clock.nowMs() });
  await house.recorder.close();
  await clock.advance(10_000);
  await house.record(yard, { pictureBytes: 2_000 }).play(20_000);
  await house.recorder.close();
  await clock.advance(1_000);
  const folder = openJobFolder(join(temp.path, 'exports'), log);
  const parts: JobParts = {
    ...{ archive, volume, clock, log, folder, pace: noPace, record: { chain, notary }, timeZone: 'Europe/Berlin' },
    findClockOffset: (camera) => (camera === yard ? 1_200 : undefined),
    isSynchronized: () => true,
  };
  const opened: ExportJobs[] = [];
  return {
    ...{ house, folder, log, parts },
    open(change = {}) {
      const jobs = openExportJobs({ ...parts, ...change });
      opened.push(jobs);
      return jobs;
    },
    async [Symbol.asyncDispose]() {
      for (const jobs of opened) await jobs.close();
      await notary.close();
      await archive.close();
      temp[Symbol.dispose]();
      house[Symbol.dispose]();
    },
  };
}

const wish = { cameras: [yard, porch], fromMs: startMs, toMs: startMs + 120_000, zip: true };
const manifestOf = (world: World, { id }: ExportJob): Manifest =>
  manifestSchema.parse(JSON.parse(readFileSync(world.folder.pathOf(id, 'manifest.proof.json'), 'utf8')));
const jobOf = (jobs: ExportJobs, id: ExportId): ExportJob => jobs.find(id)!.job;

test('a job makes one MP4 per camera and a manifest that names hashes, gaps, zone and clocks', async () => {
  await using world = await openWorld();
  const jobs = world.open();
  const { id } = jobs.add(wish, 'olivia');
  await jobs.settled();
  const job = jobOf(jobs, id);
  assert.deepEqual([job.state, job.progress, job.error], ['done', 1, undefined]);
  assert.deepEqual(
    job.files.map(({ kind }) => kind),
    ['clip', 'clip', 'manifest', 'zip'],
  );
  const manifest = manifestOf(world, job);
  assert.deepEqual(
    manifest.files.map(({ name, sha256, sizeBytes }) => ({ name, sha256, sizeBytes })),
    job.files.slice(0, 2).map(({ name, sha256, sizeBytes }) => ({ name, sha256, sizeBytes })),
  );
  const [ofYard, ofPorch] = manifest.export!.lines;
  assert.equal(ofYard!.files, 1);
  assert.ok(ofYard!.gaps.some(({ reason, fromMs, toMs }) => reason === 'network' && toMs - fromMs > 9_000));
  assert.ok(ofPorch!.gaps.some(({ toMs }) => toMs === manifest.export!.toMs));
  assert.deepEqual(manifest.export!.zoneOffsets, [{ fromMs: startMs, minutes: 60 }]);
  assert.deepEqual(manifest.export!.clocks, {
    synchronized: true,
    cameras: [{ camera: yard, offsetMs: 1_200 }, { camera: porch }],
  });
  assert.equal(manifest.timeZone, 'Europe/Berlin');
});

/** A pace that holds the work for good from the moment on that `holds` says so. */
function openGate(holds: () => boolean) {
  const reached = Promise.withResolvers<void>();
  const pace: JobParts['pace'] = {
    async take(_bytes, signal) {
      signal.throwIfAborted();
      if (!holds()) return;
      reached.resolve();
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    },
  };
  return { pace, reached: reached.promise };
}

const clipsIn = (world: World, id: ExportId): string[] =>
  readdirSync(join(world.folder.path, id)).filter((name) => name.endsWith('.mp4') || name.endsWith('.part'));

test('after a kill a job goes on: what is finished is not made again, what is not is', async () => {
  await using world = await openWorld();
  const gate = openGate(() => (killed.list()[0]?.job.files.length ?? 0) > 0);
  const killed: ExportJobs = world.open({ pace: gate.pace });
  const { id } = killed.add(wish, undefined);
  await gate.reached;
  const [first] = jobOf(killed, id).files;
  assert.ok(first !== undefined && first.camera === yard);
  const path = world.folder.pathOf(id, first.name);
  // As a kill leaves it: the job runs by its file, half a clip lies there. The finished one is marked to be known again.
  const marked = Buffer.concat([readFileSync(path), Buffer.from('mark')]);
  writeFileSync(path, marked);
  const stateBefore = readFileSync(world.folder.pathOf(id, 'job.json'));
  await killed.close();
  writeFileSync(world.folder.pathOf(id, 'job.json'), stateBefore);
  writeFileSync(world.folder.pathOf(id, 'porch_main_half.mp4.part'), 'half');

  const again = world.open();
  await again.settled();
  const job = jobOf(again, id);
  assert.equal(job.state, 'done');
  assert.deepEqual(readFileSync(path), marked, 'not made again');
  assert.deepEqual(clipsIn(world, id).length, 2);
  assert.deepEqual(
    manifestOf(world, job).files.map(({ camera }) => camera),
    [yard, porch],
  );
});

test('a cancelled job ends at once and leaves nothing; the next one runs', async () => {
  await using world = await openWorld();
  const gate = openGate(() => true);
  const jobs = world.open({ pace: gate.pace });
  const { id } = jobs.add(wish, undefined);
  await gate.reached;
  assert.equal(jobOf(jobs, id).state, 'running');
  assert.ok(jobOf(jobs, id).writtenBytes > 0 && jobOf(jobs, id).progress < 1);
  const second = jobs.add({ ...wish, cameras: [porch] }, undefined);
  assert.equal(jobOf(jobs, second.id).state, 'waiting', 'one at a time');
  await jobs.remove(id);
  assert.equal(jobs.find(id), undefined);
  assert.ok(!existsSync(join(world.folder.path, id)));
  assert.equal(jobOf(jobs, second.id).state, 'running');
});

test('what does not fit is refused before a byte is written, and made when there is room again', async () => {
  await using world = await openWorld();
  let freeBytes = 1_000;
  const folder = { ...world.folder, space: () => Promise.resolve({ freeBytes, totalBytes: 10_000 }) };
  const jobs = world.open({ folder });
  const { id } = jobs.add(wish, undefined);
  await jobs.settled();
  const failed = jobOf(jobs, id);
  assert.deepEqual([failed.state, failed.error?.kind, clipsIn(world, id)], ['failed', 'unavailable', []]);
  assert.match(failed.error?.message ?? '', /too full/);
  assert.match(failed.error?.fix ?? '', /resume/);
  freeBytes = 1_000_000_000;
  assert.equal(jobs.resume(id).error, undefined);
  await jobs.settled();
  assert.equal(jobOf(jobs, id).state, 'done');
  assert.throws(() => jobs.resume(id), /Only an export that failed/);
});

test('a disk that gets full on the way ends the job without half a file, and it can be resumed', async () => {
  await using world = await openWorld();
  let full = true;
  const pace: JobParts['pace'] = {
    take: () => (full ? Promise.reject(Object.assign(new Error('no room'), { code: 'ENOSPC' })) : Promise.resolve()),
  };
  const jobs = world.open({ pace });
  const { id } = jobs.add(wish, undefined);
  await jobs.settled();
  assert.deepEqual([jobOf(jobs, id).state, clipsIn(world, id)], ['failed', []]);
  assert.match(jobOf(jobs, id).error?.message ?? '', /too full/);
  full = false;
  jobs.resume(id);
  await jobs.settled();
  assert.equal(jobOf(jobs, id).state, 'done');
});

test('a zip is as long as was said, any range of it is a piece of it, and its files are in it whole', async () => {
  await using world = await openWorld();
  const jobs = world.open();
  const { id } = jobs.add(wish, undefined);
  await jobs.settled();
  const zip = (await jobs.openFile(id, 'export.zip'))!;
  const whole = await buffer(zip.body({ fromBytes: 0, toBytes: zip.sizeBytes }));
  assert.equal(whole.length, zip.sizeBytes);
  for (const [fromBytes, toBytes] of [
    [0, 1],
    [1_000, 70_000],
    [zip.sizeBytes - 30, zip.sizeBytes],
  ] as const) {
    assert.deepEqual(await buffer(zip.body({ fromBytes, toBytes })), whole.subarray(fromBytes, toBytes));
  }
  assert.equal(whole.readUInt32LE(whole.length - 22), 0x06054b50, 'end of central directory');
  assert.equal(whole.readUInt16LE(whole.length - 12), 3);
  for (const { name, kind } of jobOf(jobs, id).files) {
    if (kind !== 'zip') assert.ok(whole.includes(readFileSync(world.folder.pathOf(id, name))), name);
  }
  assert.equal(await jobs.openFile(id, 'job.json'), undefined);
  assert.equal(await jobs.openFile(id, '../index.sqlite'), undefined);
});

test('porchlight verify finds the folder of an export unbroken, and a changed clip broken', async () => {
  await using world = await openWorld();
  const jobs = world.open();
  const { id } = jobs.add({ ...wish, zip: false }, undefined);
  await jobs.settled();
  const path = join(world.folder.path, id);
  assert.deepEqual((await verify({ path })).broken, []);
  assert.equal((await verify({ path })).files, 2);
  const clip = world.folder.pathOf(id, jobOf(jobs, id).files[0]!.name);
  const bytes = readFileSync(clip);
  bytes[bytes.length - 10]! ^= 1;
  writeFileSync(clip, bytes);
  assert.equal((await verify({ path })).verdict, 'broken');
});

test('a camera whose picture format changes gives numbered parts that follow each other', async () => {
  await using world = await openWorld();
  const { house } = world;
  const feed = house.record(porch, { stream: 'sub' });
  const fromMs = house.clock.nowMs();
  await feed.play(10_000);
  const [video] = feed.tracks;
  assert.ok(video?.kind === 'video');
  house.recorder.onTracks([{ ...video, widthPx: 320 }], feed.run);
  await feed.play(10_000);
  await house.recorder.close();
  await house.clock.advance(1_000);
  const jobs = world.open();
  const { id } = jobs.add({ cameras: [porch], streams: ['sub'], fromMs, toMs: fromMs + 60_000 }, undefined);
  await jobs.settled();
  const [one, two] = jobOf(jobs, id).files;
  assert.match(one?.name ?? '', /^porch_sub_[\dTZ-]+_[\dTZ-]+\.mp4$/);
  assert.match(two?.name ?? '', /_part2\.mp4$/);
  assert.ok(two!.fromMs! >= one!.toMs! - 1 && two!.fromMs! - one!.toMs! < 2_000);
});

test('a span without footage, or one that cannot be, says so; exports go after 24 hours', async () => {
  await using world = await openWorld();
  const jobs = world.open();
  const nowMs = world.house.clock.nowMs();
  assert.throws(() => jobs.add({ ...wish, fromMs: nowMs + 1, toMs: nowMs + 9_000 }, undefined), /cannot be exported/);
  assert.throws(() => jobs.add({ ...wish, fromMs: 0 }, undefined), /cannot be exported/);
  const { id } = jobs.add({ ...wish, fromMs: midnight, toMs: midnight + 10_000 }, undefined);
  await jobs.settled();
  assert.deepEqual([jobOf(jobs, id).state, jobOf(jobs, id).error?.kind], ['failed', 'not-found']);
  assert.equal(jobOf(jobs, id).expiresMs, nowMs + exportKeptMs);
  await world.house.clock.advance(exportKeptMs + 120_000);
  assert.deepEqual([jobs.list(), existsSync(join(world.folder.path, id))], [[], false]);
});
