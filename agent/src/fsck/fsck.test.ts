import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import { ChainStore, toChainHooks } from '#chain';
import { openNotary } from '#proof';
import { House, makeHouseKeys, midnight, porch, span, yard } from '#testing';
import { toVolumeSet } from '#volume';
import { HouseError } from '@porchlight/base/errors';
import { openFolderLock } from '@porchlight/base/lock';
import { eventIdSchema } from '@porchlight/contract/events';
import { agentIdSchema } from '@porchlight/contract/ids';

import { fsck, isClean, writeReport, type FsckOptions } from './index.ts';

const minuteMs = 60_000;
const hourMs = 3_600_000;
const keys = makeHouseKeys();
const identity = {
  agentId: agentIdSchema.parse('local'),
  privateKeyPem: keys.agent.privateKeyPem,
  certificatePem: keys.agent.certificatePem,
  caPem: keys.housePem,
};

const optionsOf = (house: House, more: Partial<FsckOptions> = {}): FsckOptions => ({
  ...{ folder: house.folder.path, volumes: toVolumeSet(house.volume), clock: house.clock, log: house.log },
  ...{ what: 'look', deep: false },
  ...more,
});

/** Minutes of footage, chained and sealed, closed. */
async function record(house: House, minutes: number, cameras = [yard]): Promise<void> {
  let chain: ChainStore | undefined;
  house.attach = (store) => {
    chain = new ChainStore(store.db, () => house.clock.nowMs());
    store.listen(toChainHooks(chain));
  };
  const archive = await house.start();
  for (const camera of cameras) {
    await house.record(camera, { pictureBytes: 60 }).play(minutes * minuteMs);
    await house.recorder.close();
    await house.clock.advance(1000);
  }
  const { volume, clock, log } = house;
  const notary = await openNotary({ chain: chain!, volume, clock, log, send: () => undefined });
  notary.setIdentity(identity);
  await archive.reconciled;
  await notary.close();
  await archive.close();
}

const paths = (house: House): string[] => [...house.volume.files.keys()].filter((path) => path.endsWith('.mp4'));

test('an archive that is as it should be is clean, and looking changes nothing', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 3, [yard, porch]);
  const before = new Map([...house.volume.files].map(([path, bytes]) => [path, bytes.length]));
  const { found, left } = await fsck(optionsOf(house, { deep: true }));
  assert.ok(found !== undefined && isClean(found), JSON.stringify(found));
  assert.equal(left, undefined);
  const { length } = paths(house);
  assert.deepEqual([found.segments, found.files], [length, length]);
  assert.deepEqual(new Map([...house.volume.files].map(([path, bytes]) => [path, bytes.length])), before);
  assert.match(writeReport(found), /^\d recordings in the index, \d files, .*\nFiles and index agree\.\n$/);
});

test('every kind of oddity is named, repaired without deleting a file, and then gone', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 6);
  const [gone, cut, flipped, ...rest] = paths(house);
  const contents = house.volume.contents;
  contents.delete(gone!);
  const { bytes, sizeBytes } = contents.get(cut!)!;
  house.volume.put(cut!, bytes.slice(0, sizeBytes - 100));
  contents.get(flipped!)!.bytes[500]! ^= 1;
  house.volume.put('yard/main/2026-01-01/notes.txt', new Uint8Array(5));
  const orphan = rest[0]!.replace(/00-0\d-\d\d\.\d+Z/, '00-30-00.000Z');
  house.volume.put(orphan, house.volume.files.get(rest[0]!)!.slice());
  const look = (await fsck(optionsOf(house, { deep: true }))).found!;
  const named = (kind: 'withoutRow' | 'withoutFile' | 'otherSize' | 'unknown' | 'otherHash') =>
    look[kind].map(({ path }) => path);
  assert.deepEqual(named('withoutFile'), [gone]);
  assert.deepEqual(named('otherSize'), [cut]);
  assert.deepEqual(named('otherHash'), [flipped]);
  assert.deepEqual(named('unknown'), ['yard/main/2026-01-01/notes.txt']);
  assert.deepEqual(named('withoutRow'), [orphan]);
  const text = writeReport(look);
  for (const path of [gone, cut, flipped, orphan]) assert.ok(text.includes(path!));

  const filesBefore = house.volume.files.size;
  const { left } = await fsck(optionsOf(house, { what: 'repair' }));
  assert.ok(isClean(left!), JSON.stringify(left));
  assert.equal(house.volume.files.size, filesBefore, 'no file was deleted');
  assert.ok(house.volume.files.has('quarantine/yard/main/2026-01-01/notes.txt'));
  const archive = await house.start();
  const { spans, gaps } = span(archive);
  assert.equal(spans[0]!.fromMs, midnight + minuteMs, 'the first minute is gone');
  assert.ok(gaps.some(({ fromMs, reason }) => fromMs <= midnight && reason !== 'retention'));
  const tombstones = listTombstones(house);
  await archive.close();
  assert.deepEqual(tombstones, ['altered', 'missing']);
});

function listTombstones(house: House): string[] {
  return readFacts(house)
    .filter(({ kind }) => kind === 'tombstone')
    .map(({ rule }) => rule!)
    .sort();
}

function readFacts(house: House): { kind: string; rule?: string }[] {
  const db = new DatabaseSync(join(house.folder.path, 'index.sqlite'), { readOnly: true });
  try {
    return db
      .prepare('select body from chain order by camera, seq')
      .all()
      .map((row) => (JSON.parse(row['body'] as string) as { what: { kind: string; rule?: string } }).what);
  } finally {
    db.close();
  }
}

test('when much is missing at once nothing is taken for lost', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 15);
  const { length } = paths(house);
  for (const path of paths(house).slice(0, 12)) house.volume.contents.delete(path);
  const { left } = await fsck(optionsOf(house, { what: 'repair' }));
  assert.ok(left!.alarming && !isClean(left!));
  assert.equal(left!.segments, length);
  assert.match(writeReport(left!), /a disk is probably not there/);
});

test('it repairs nothing while an agent holds the folder, and says what to do', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 2);
  const lock = openFolderLock(house.folder.path, 'An agent runs');
  try {
    const { found } = await fsck(optionsOf(house));
    assert.equal(found!.running, true);
    for (const what of ['repair', 'rebuild-index'] as const) {
      await assert.rejects(fsck(optionsOf(house, { what })), (error: unknown) => {
        assert.ok(error instanceof HouseError && error.kind === 'conflict');
        assert.match(error.fix ?? '', /Stop it/);
        return true;
      });
    }
  } finally {
    lock.close();
  }
});

test('without an index it says how to make one', async () => {
  using house = new House();
  await assert.rejects(fsck(optionsOf(house)), /no index here/);
});

test('an index made from files alone gives the same spans, gaps and hashes, and puts the old one aside', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 5, [yard, porch]);
  const known = await describe(house);
  rmSync(join(house.folder.path, 'index.sqlite'));
  const { rebuilt, left } = await fsck(optionsOf(house, { what: 'rebuild-index', deep: true }));
  assert.equal(rebuilt!.restored, paths(house).length);
  assert.deepEqual(rebuilt!.chain, []);
  assert.ok(isClean(left!), JSON.stringify(left));
  assert.deepEqual(await describe(house), known);
  await fsck(optionsOf(house, { what: 'rebuild-index' }));
  assert.ok(readdirSync(house.folder.path).some((name) => /^index\.sqlite\..*\.old$/.test(name)));
  assert.ok(existsSync(join(house.folder.path, 'index.sqlite')));
});

test('events of the old index are taken over and mark their footage again', async () => {
  using house = new House({ atMs: midnight });
  await record(house, 3);
  const event = { camera: yard, id: eventIdSchema.parse('e1'), trigger: 'manual', label: 'ring', triggers: 1 };
  const archive = await house.start();
  const atMs = midnight + 70_000;
  archive.note({ kind: 'event', ...event, atMs, fromMs: atMs - 5_000, toMs: atMs + 5_000 });
  const known = archive.listEvents(yard, { fromMs: midnight, toMs: atMs + hourMs });
  await archive.close();
  assert.equal(known.length, 1);
  await fsck(optionsOf(house, { what: 'rebuild-index' }));
  const again = await house.start();
  assert.deepEqual(again.listEvents(yard, { fromMs: midnight, toMs: atMs + hourMs }), known);
  await again.close();
  const db = new DatabaseSync(join(house.folder.path, 'index.sqlite'), { readOnly: true });
  const classes = db.prepare('select class from segment order by start_ms').all();
  db.close();
  assert.ok(classes.some((row) => row['class'] === 'event') && classes.some((row) => row['class'] === 'continuous'));
});

/** What is known of the day, and of each file. */
async function describe(house: House): Promise<object> {
  const archive = await house.start();
  await archive.reconciled;
  const wholeDay = { fromMs: midnight, toMs: midnight + 86_400_000 };
  const cameras = [yard, porch].map((camera) => {
    const { spans, gaps } = span(archive, camera);
    const segments = archive.listSegments(camera, 'main', wholeDay).map((segment) => {
      const { path, startMs, endMs, startTicks, durationTicks, codecString, initHash, fragments } = segment;
      const pieces = Array.from({ length: fragments.count }, (_, at) => [fragments.offsetBytes(at), fragments.key(at)]);
      return { path, startMs, endMs, startTicks, durationTicks, codecString, initHash, pieces };
    });
    // The last gap goes on to now; how long the archive was closed is no matter here.
    return { spans, gaps: gaps.slice(0, -1), segments };
  });
  await archive.close();
  return cameras;
}

test('after random deletions and cuts a new index tells the truth of every file that is left, whole or not', async () => {
  using original = new House({ atMs: midnight });
  await record(original, 8);
  const all = paths(original).sort();
  const pristine = new Map([...original.volume.files].map(([path, bytes]) => [path, bytes.slice()]));
  const harm = fc.array(fc.tuple(fc.nat(all.length - 1), fc.constantFrom('delete', 'cut', 'rubbish'), fc.nat(1000)), {
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(harm, fc.boolean(), async (harms, withChain) => {
      using house = new House({ atMs: midnight + 3_600_000 });
      for (const [path, bytes] of pristine) if (withChain || path.endsWith('.mp4')) house.volume.put(path, bytes);
      const harmed = new Map<string, string>();
      for (const [at, how, amount] of harms) {
        const path = all[at]!;
        if (harmed.has(path)) continue;
        const bytes = pristine.get(path)!;
        harmed.set(path, how);
        if (how === 'delete') house.volume.contents.delete(path);
        if (how === 'cut') house.volume.put(path, bytes.slice(0, Math.floor((bytes.length * amount) / 1000)));
        if (how === 'rubbish') house.volume.put(path, new Uint8Array(amount).fill(7));
      }
      const { left } = await fsck(optionsOf(house, { what: 'rebuild-index' }));
      assert.ok(isClean(left!), JSON.stringify(left));
      const archive = await house.start();
      await archive.reconciled;
      const { spans } = span(archive);
      for (const path of all) {
        const how = harmed.get(path);
        const found = archive
          .listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 86_400_000 })
          .find((segment) => segment.path === path);
        if (how === undefined) {
          assert.ok(found !== undefined, path);
          const middleMs = (found.startMs + found.endMs) / 2;
          assert.ok(spans.some((one) => one.fromMs <= middleMs && one.toMs >= middleMs));
        }
        if (how === 'delete' || how === 'rubbish') {
          assert.equal(found, undefined);
          const place = midnight + all.indexOf(path) * minuteMs + 30_000;
          assert.ok(!spans.some((one) => one.fromMs <= place && one.toMs >= place), `${path} is no part of a span`);
        }
        if (how === 'cut' && found !== undefined) {
          assert.ok(house.volume.files.get(path)!.length <= pristine.get(path)!.length);
        }
      }
      await archive.close();
    }),
    { numRuns: 25 },
  );
});
