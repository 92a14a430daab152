import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ChainStore, toChainHooks } from '#chain';
import { openNotary } from '#proof';
import { midnight, porch, yard, House } from '#testing';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import type { ExportId, ExportJob } from '@porchlight/contract/exports';
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
