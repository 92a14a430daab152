import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { House, cap, midnight, span, yard } from '#testing';
import type { FakeVolume, Volume } from '#volume';
import { toVolumeSet } from '#volume';
import { parseMovieFragment, scanFragments } from '@porchlight/media/fmp4';

const minute = 60_000;
const thinning = cap(1e12, { thinAfterDays: 3 / 1440 });

/** Bytes of the key frames of a file with their presentation times, in order. */
function keyPicturesOf(bytes: Uint8Array): { ticks: number; hash: string }[] {
  const readAt = (at: number, length: number): Uint8Array => bytes.subarray(at, at + length);
  return scanFragments({ sizeBytes: bytes.length, readAt }).fragments.flatMap(({ offsetBytes, sizeBytes }) => {
    const { tracks } = parseMovieFragment(bytes.subarray(offsetBytes, offsetBytes + sizeBytes), offsetBytes);
    const video = tracks.find(({ trackId }) => trackId === 1);
    if (video === undefined) return []; // sound that came after the last picture
    let ticks = video.baseDecodeTicks!;
    return video.samples.flatMap((sample) => {
      const at = ticks + sample.compositionOffsetTicks;
      ticks += sample.durationTicks;
      const picture = bytes.subarray(sample.offsetBytes, sample.offsetBytes + sample.sizeBytes);
      return sample.key ? [{ ticks: at, hash: createHash('sha256').update(picture).digest('hex') }] : [];
    });
  });
}

test('after its days footage is reduced to its key frames: same pictures, same times, a fraction of the bytes', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  archive.keeping.setStorage(thinning);
  await house.record(yard, { audio: 'pcmu' }).play(3 * minute);
  await house.recorder.close();
  const whole = new Map([...house.volume.files].map(([path, bytes]) => [path, bytes.slice()]));
  const before = archive.usedBytes(yard);
  const spansBefore = span(archive).spans;
  await house.clock.advance(10 * minute);
  await archive.keeping.carry(); // may join a round that began minutes ago and knows less to be due
  await archive.keeping.carry();
  assert.ok(archive.usedBytes(yard) < before / 4, `${archive.usedBytes(yard)} of ${before} bytes`);
  assert.deepEqual(span(archive).spans, spansBefore, 'what is recorded has not changed');
  const segments = archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 9e6 });
  assert.ok(segments.length >= 3 && segments.every(({ path }) => path.endsWith('.key.mp4')));
  for (const segment of segments) {
    const bytes = house.volume.files.get(segment.path)!;
    assert.deepEqual(keyPicturesOf(bytes), keyPicturesOf(whole.get(segment.path.replace('.key', ''))!));
    assert.equal(segment.fragments.count, keyPicturesOf(bytes).length);
    const last = segment.fragments.count - 1;
    assert.equal(segment.fragments.baseTicks(last) + segment.fragments.durationTicks(last), segment.durationTicks);
  }
  const files = [...house.volume.files.keys()];
  assert.ok(
    files.every((path) => path.endsWith('.key.mp4')),
    'the whole files are gone',
  );
  await archive.close();
  const again = await house.start();
  await again.reconciled;
  assert.deepEqual(span(again).spans, spansBefore);
  await again.close();
});

test('held footage and events stay whole', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  archive.keeping.setStorage(thinning);
  await house.record().play(3 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  archive.keeping.holds.add(yard, { fromMs: midnight, toMs: midnight + minute, note: '' });
  await house.clock.advance(10 * minute);
  await archive.keeping.carry();
  const kept = archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 30_000 });
  assert.ok(kept.every(({ path }) => !path.includes('.key.')));
  await archive.close();
});

/** Calls beyond the first `left` never come back, as when the process ends; the first of them is told. */
function endAfter(volume: FakeVolume, left: { calls: number; onEnded: () => void }): Volume {
  const count = async <T>(call: () => Promise<T>): Promise<T> =>
    left.calls-- > 0 ? call() : (left.onEnded(), new Promise(() => {}));
  return {
    create: (path) =>
      count(async () => {
        const file = await volume.create(path);
        return {
          path,
          write: (parts) => count(() => file.write(parts)),
          readBack: (offsetBytes, lengthBytes) => file.readBack(offsetBytes, lengthBytes),
          truncate: (sizeBytes) => count(() => file.truncate(sizeBytes)),
          sync: () => count(() => file.sync()),
          close: () => count(() => file.close()),
        };
      }),
    openFile: (path) => count(() => volume.openFile(path)),
    openReader: (path) => count(() => volume.openReader(path)),
    syncFolder: (path) => count(() => volume.syncFolder(path)),
    remove: (path) => count(() => volume.remove(path)),
    removeFolder: (path) => count(() => volume.removeFolder(path)),
    move: (from, to) => count(() => volume.move(from, to)),
    list: (path) => volume.list(path),
    space: () => volume.space(),
  };
}

test('an end at any moment of thinning leaves every minute once, whole or thinned', async () => {
  for (let calls = 0; calls < 60; calls += 3) {
    using house = new House({ atMs: midnight });
    const ended = Promise.withResolvers<void>();
    const left = { calls: Infinity, onEnded: ended.resolve };
    house.volumes = toVolumeSet(endAfter(house.volume, left));
    const archive = await house.start();
    await archive.reconciled;
    archive.setCamera(yard, { addedMs: midnight });
    await house.record().play(2 * minute);
    await house.recorder.close();
    await archive.enforceCaps();
    const spans = span(archive).spans;
    archive.keeping.setStorage(thinning);
    await house.clock.advance(8 * minute);
    left.calls = calls;
    await Promise.race([archive.keeping.carry(), ended.promise]);
    house.abandon();
    house.volumes = undefined;
    const again = await house.start('boot-1');
    await again.reconciled;
    assert.deepEqual(span(again).spans, spans, `after ${calls} calls`);
    const rows = again.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 9e6 });
    const files = [...house.volume.files.keys()].sort();
    assert.deepEqual(files, rows.map(({ path }) => path).sort(), `after ${calls} calls`);
    await again.close();
  }
});
