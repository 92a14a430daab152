import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { House, midnight, span, yard } from '#testing';
import { openFakeVolume, toReadingVolume, type FakeVolume, type Volume, type VolumeSet } from '#volume';
import type { StorageConfig, VolumeState } from '@porchlight/contract/storage';

const minute = 60_000;
const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const config = (moveAfterDays?: number, bytes: number | 'most' = 'most'): StorageConfig => ({
  volumes: [
    { id: 'main', bytes, ...(moveAfterDays === undefined ? {} : { moveAfterDays }) },
    { id: 'nas', folder: '/nas', bytes: 'most' },
  ],
  budget: {},
});

/** A fast volume and a second one behind it, whose state the test sets. */
function openTwo(house: House, wrap: (volume: Volume) => Volume = (volume) => volume) {
  const nas = openFakeVolume();
  const state: { now: VolumeState } = { now: 'ok' };
  const set: VolumeSet = {
    list: () => [
      { id: 'main', volume: house.volume, state: 'ok', sinceMs: 0 },
      { id: 'nas', volume: wrap(nas), state: state.now, sinceMs: 0 },
    ],
  };
  house.volumes = set;
  return { nas, state, set };
}

async function record(house: House, minutes: number): Promise<Map<string, string>> {
  house.archive.setCamera(yard, { addedMs: midnight });
  await house.record().play(minutes * minute);
  await house.recorder.close();
  await house.clock.advance(20_000);
  await house.archive.enforceCaps();
  return new Map([...house.volume.files].map(([path, bytes]) => [path, hash(bytes)]));
}

const hashes = (volume: FakeVolume): Map<string, string> =>
  new Map([...volume.files].map(([path, bytes]) => [path, hash(bytes)]));

test('older footage moves on: copied, read back, repointed, deleted, and plays from where it is', async () => {
  using house = new House({ atMs: midnight });
  const { nas, set } = openTwo(house);
  const archive = await house.start();
  const before = await record(house, 6);
  const spans = span(archive).spans;
  archive.keeping.setStorage(config(3 / 1440));
  await archive.keeping.carry();
  assert.ok(nas.files.size >= 2 && house.volume.files.size >= 2, 'the older half');
  assert.deepEqual(new Map([...hashes(nas), ...hashes(house.volume)]), before);
  assert.deepEqual(span(archive).spans, spans);
  const [oldest] = archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + minute });
  const reader = await toReadingVolume(set).openReader(oldest!.path);
  assert.ok(reader.sizeBytes > 1000);
  await archive.close();
});

test('what is over the cap of a volume moves on too, the oldest first', async () => {
  using house = new House({ atMs: midnight });
  const { nas } = openTwo(house);
  const archive = await house.start();
  const before = await record(house, 8);
  const used = archive.usedBytes(yard);
  archive.keeping.setStorage(config(undefined, Math.round(used / 2)));
  await archive.enforceCaps();
  assert.equal(archive.usedBytes(yard), used, 'nothing is deleted where it can move on');
  await archive.keeping.carry();
  assert.ok(house.volume.usedBytes <= used / 2);
  assert.deepEqual([...nas.files.keys()].sort()[0], [...before.keys()].sort()[0]);
  await archive.close();
});

test('a copy that is not the same is thrown away and the original stays', async () => {
  using house = new House({ atMs: midnight });
  const spoil = (volume: Volume): Volume => ({
    ...toReadingVolume({ list: () => [{ id: 'nas', volume, state: 'ok', sinceMs: 0 }] }),
    async create(path) {
      const file = await volume.create(path);
      return {
        path,
        write: (parts) => file.write(parts.map((part) => part.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))),
        readBack: (offsetBytes, lengthBytes) => file.readBack(offsetBytes, lengthBytes),
        truncate: (sizeBytes) => file.truncate(sizeBytes),
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
  });
  const { nas } = openTwo(house, spoil);
  const archive = await house.start();
  const before = await record(house, 4);
  archive.keeping.setStorage(config(0.0001));
  await archive.keeping.carry();
  assert.equal(nas.files.size, 0);
  assert.deepEqual(hashes(house.volume), before);
  assert.ok(house.log.lines.some(({ message }) => message.includes('carry')));
  await archive.close();
});

test('while the second volume is away everything stays where it is, and moves on when it is back', async () => {
  using house = new House({ atMs: midnight });
  const { nas, state } = openTwo(house);
  const archive = await house.start();
  const before = await record(house, 4);
  archive.keeping.setStorage(config(0.0001));
  state.now = 'missing';
  await archive.keeping.carry();
  assert.equal(nas.files.size, 0);
  state.now = 'ok';
  await archive.keeping.carry();
  assert.deepEqual(hashes(nas), before);
  state.now = 'missing';
  await archive.close();
  const again = await house.start();
  await again.reconciled;
  assert.equal(span(again).spans.length, 1, 'rows of a volume that is away are not lost');
  assert.equal(again.keeping.status().stopped, undefined);
  await again.close();
});

test('an end at any moment of moving loses nothing and leaves nothing twice', async () => {
  for (let calls = 0; calls < 44; calls += 2) {
    using house = new House({ atMs: midnight });
    const left = { calls: Infinity };
    const ended = Promise.withResolvers<void>();
    const count = async <T>(call: () => Promise<T>): Promise<T> =>
      left.calls-- > 0 ? call() : (ended.resolve(), new Promise(() => {}));
    const { nas, set } = openTwo(house, (volume) => ({
      ...toReadingVolume({ list: () => [{ id: 'nas', volume, state: 'ok', sinceMs: 0 }] }),
      create: (path) => count(() => volume.create(path)),
      openReader: (path) => count(() => volume.openReader(path)),
      remove: (path) => count(() => volume.remove(path)),
      move: (from, to) => count(() => volume.move(from, to)),
    }));
    const archive = await house.start();
    await archive.reconciled;
    const before = await record(house, 3);
    archive.keeping.setStorage(config(0.0001));
    left.calls = calls;
    await Promise.race([archive.keeping.carry(), ended.promise]);
    house.abandon();
    house.volumes = { list: () => set.list().map((place) => (place.id === 'nas' ? { ...place, volume: nas } : place)) };
    const again = await house.start('boot-1');
    await again.reconciled;
    again.setCamera(yard, { addedMs: midnight });
    again.keeping.setStorage(config(0.0001));
    await again.keeping.carry();
    assert.deepEqual(hashes(nas), before, `after ${calls} calls`);
    assert.equal(house.volume.files.size, 0);
    assert.equal(span(again).spans.length, 1);
    await again.close();
  }
});
