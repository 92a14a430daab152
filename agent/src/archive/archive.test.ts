import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { cap, day, House, midnight, porch, span, yard } from '#testing';
import type { IndexStore } from '#index-store';
import { openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { scanFragments } from '@porchlight/media/fmp4';
import { openArchive } from './index.ts';

/** Waits for what the archive does by itself, at whatever pace the machine has. */
async function until(isSo: () => boolean): Promise<void> {
  const limitMs = performance.now() + 60_000;
  while (!isSo()) {
    assert.ok(performance.now() < limitMs, `never so: ${String(isSo)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test('the open segment is part of every answer', async () => {
  using house = new House();
  const archive = await house.start();
  await house.record().play(20_000);
  const { spans, gaps } = span(archive);
  assert.equal(spans.length, 1);
  assert.ok(spans[0]!.open && spans[0]!.fromMs === midnight + 30_000);
  assert.ok(midnight + 50_000 - spans[0]!.toMs <= 1_300);
  assert.deepEqual(gaps, [{ fromMs: midnight, toMs: midnight + 30_000, reason: 'not-yet-added' }]);
  const [segment] = archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + day });
  assert.ok(segment!.open && segment!.fragments.count >= 38);
  assert.ok(archive.usedBytes(yard) > 20_000);
  assert.equal(archive.findSegment(segment!.id)!.path, segment!.path);
  await house.recorder.close();
  await archive.close();
});

test('a run over many files is one span, before and after the rows are written and after a restart', async () => {
  using house = new House();
  const archive = await house.start();
  await house.record().play(200_000);
  assert.equal(span(archive).spans.length, 1);
  await house.recorder.close();
  assert.equal(span(archive).spans.length, 1);
  const before = span(archive).spans;
  assert.equal(before[0]!.open, false);
  assert.equal(before[0]!.toMs, midnight + 230_000 + 100);
  await archive.close();
  const again = await house.start();
  assert.deepEqual(span(again).spans, before);
  assert.equal(
    again.usedBytes(yard),
    [...house.volume.files.values()].reduce((sum, bytes) => sum + bytes.length, 0),
  );
  await again.close();
});

test('gaps carry the reason that was told, per stretch', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  const feed = house.record();
  await feed.play(10_000);
  house.recorder.onEnd({ reason: 'camera-offline', wallMs: house.clock.nowMs() });
  await house.clock.advance(20_000);
  archive.note({ kind: 'gap', camera: yard, stream: 'main', fromMs: house.clock.nowMs(), reason: 'paused-by' });
  await house.clock.advance(30_000);
  const { gaps } = span(archive);
  assert.deepEqual(
    gaps.map(({ reason }) => reason),
    ['camera-offline', 'paused-by'],
  );
  assert.equal(gaps[0]!.toMs, midnight + 30_000);
  assert.equal(gaps[1]!.toMs, midnight + 60_000);
  const within = archive.findSpans(yard, midnight + 20_000, midnight + 25_000);
  assert.deepEqual(within.gaps, [{ fromMs: midnight + 20_000, toMs: midnight + 25_000, reason: 'camera-offline' }]);
  await house.recorder.close();
  await archive.close();
});

test('after kill -9 footage ends where it was told to, though pictures shown before its last one had not come', async () => {
  for (const playedMs of [5_000, 5_600, 6_200, 6_800]) {
    using house = new House();
    const archive = await house.start();
    await house.record(yard, { bPictures: true, gopLength: 1000 }).play(playedMs);
    const told = span(archive).spans.at(-1)!.toMs;
    house.abandon();
    const again = await house.start();
    assert.equal(span(again).spans.at(-1)!.toMs, told, `after ${playedMs} ms`);
    await again.close();
  }
});

test('after kill -9 at most a second is lost, the file is whole and the index right', async () => {
  using house = new House();
  await house.start();
  await house.record(yard, { fps: 25, gopLength: 50 }).play(95_000);
  const diedMs = house.clock.nowMs();
  house.abandon();
  // Half a fragment had reached the file.
  const [path, bytes] = [...house.volume.files].at(-1)!;
  house.volume.put(path, Uint8Array.from([...bytes, 0, 0, 1, 0, 0x6d, 0x6f, 0x6f, 0x66, 0, 0]));
  await house.clock.advance(7_000);
  const again = await house.start();
  await again.reconciled;
  const { spans, gaps } = span(again);
  assert.equal(spans.length, 1);
  assert.equal(spans[0]!.open, false);
  assert.ok(diedMs - spans[0]!.toMs <= 1_000, `lost ${diedMs - spans[0]!.toMs} ms`);
  assert.deepEqual(gaps.at(-1), { fromMs: spans[0]!.toMs, toMs: house.clock.nowMs(), reason: 'agent-down' });
  const repaired = house.volume.files.get(path)!;
  const scan = scanFragments({
    sizeBytes: repaired.length,
    readAt: (offset, length) => repaired.subarray(offset, offset + length),
  });
  assert.equal(scan.wholeBytes, repaired.length);
  await again.close();
  using index = new DatabaseSync(join(house.folder.path, 'index.sqlite'));
  const row = index.prepare('select sha256, size_bytes, open from segment where path = ?').get(path)!;
  assert.equal(row['sha256'], createHash('sha256').update(repaired).digest('hex'));
  assert.equal(row['size_bytes'], repaired.length);
  assert.equal(row['open'], 0);
});

test('a file cut at any byte is recovered up to its last whole fragment', async () => {
  using house = new House();
  await house.start();
  await house.record(yard, { pictureBytes: 60 }).play(4_000);
  const [path, whole] = [...house.volume.files][0]!;
  const scan = scanFragments({
    sizeBytes: whole.length,
    readAt: (offset, length) => whole.subarray(offset, offset + length),
  });
  const ends = scan.fragments.map(({ offsetBytes, sizeBytes }) => offsetBytes + sizeBytes);
  house.abandon();
  const index = new DatabaseSync(join(house.folder.path, 'index.sqlite'));
  for (let size = whole.length; size >= 0; size -= 37) {
    house.volume.put(path, whole.slice(0, size));
    index.exec('delete from span; update segment set open = 1, sha256 = null');
    const archive = await house.start();
    const expected = ends.findLast((end) => end <= size);
    assert.equal(house.volume.files.get(path)?.length, expected, `cut at ${size}`);
    assert.equal(span(archive).spans.length, expected === undefined ? 0 : 1);
    await archive.close();
    if (expected === undefined) break;
  }
  index.close();
});

test('an archive that is closed while it reconciles forgets nothing', async () => {
  using house = new House();
  const archive = await house.start();
  await house.record().play(100_000);
  await house.recorder.close();
  await archive.close();
  await (await house.start()).close();
  const again = await house.start();
  assert.equal(span(again).spans.length, 1);
  assert.ok(again.usedBytes(yard) > 10_000);
  await again.close();
});

test('200 random power cuts cost at most 5 s each, leave nothing unreadable, and the ledger says power', async () => {
  let seed = 42;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  using house = new House();
  let worstMs = 0;
  for (let round = 0; round < 200; round++) {
    await house.start(`boot-${round}`);
    const feed = house.record(yard, { pictureBytes: 400 });
    const startedMs = house.clock.nowMs();
    await feed.play(1_000 + Math.floor(random() * 14_000));
    const diedMs = house.clock.nowMs();
    house.abandon();
    house.volume.cutPower(random);
    await house.clock.advance(3_000);
    const again = await house.start(`boot-${round}-after`);
    await again.reconciled;
    const spans = again.findSpans(yard, startedMs, diedMs).spans;
    const keptMs = spans.at(-1)?.toMs ?? startedMs;
    worstMs = Math.max(worstMs, diedMs - keptMs);
    assert.ok(diedMs - keptMs <= 5_000, `cut ${round} lost ${diedMs - keptMs} ms of ${diedMs - startedMs}`);
    if (spans.length > 0) {
      const gap = again.findSpans(yard, keptMs, house.clock.nowMs()).gaps[0];
      assert.equal(gap?.reason, 'power', `cut ${round}`);
    }
    await again.close();
  }
  for (const [path, bytes] of house.volume.files) {
    const scan = scanFragments({
      sizeBytes: bytes.length,
      readAt: (offset, length) => bytes.subarray(offset, offset + length),
    });
    if (path.startsWith('quarantine/')) continue;
    assert.equal(scan.wholeBytes, bytes.length, path);
    assert.ok(scan.fragments.length > 0, path);
  }
  assert.ok(worstMs > 500, 'the cuts did cost something');
});

test('the index can be made from the files alone', async () => {
  using house = new House();
  const first = await house.start();
  await house.record(yard, { audio: 'aac' }).play(150_000);
  await house.recorder.close();
  await house.clock.advance(300);
  const before = span(first).spans;
  const used = first.usedBytes(yard);
  await first.close();
  using other = openTempFolder();
  const { volume, clock, log } = house;
  const rebuilt = await openArchive({ folder: other.path, volume, clock, log });
  await rebuilt.reconciled;
  assert.deepEqual(
    span(rebuilt).spans.map(({ fromMs }) => fromMs),
    before.map(({ fromMs }) => fromMs),
  );
  assert.ok(Math.abs(span(rebuilt).spans[0]!.toMs - before[0]!.toMs) <= 1);
  assert.equal(rebuilt.usedBytes(yard), used);
  const segments = rebuilt.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + day });
  assert.equal(new Set(segments.map((segment) => segment.run)).size, 1, 'files that meet are one run');
  assert.ok(rebuilt.findInit(segments[0]!.initHash));
  await rebuilt.close();
});

test('files that are not ours go to quarantine, rows without files go to the ledger', async () => {
  using house = new House();
  const first = await house.start();
  await house.record().play(150_000);
  await house.recorder.close();
  await first.close();
  const lost = 'yard/main/2026-01-01/00-01-00.000Z.mp4';
  await house.volume.remove(lost);
  house.volume.put('yard/main/2026-01-01/holiday.mp4', Uint8Array.of(1, 2, 3));
  house.volume.put('yard/main/2026-01-01/00-00-01.000Z.mp4', Uint8Array.of(1, 2, 3));
  const again = await house.start();
  await again.reconciled;
  assert.ok(house.volume.files.has('quarantine/yard/main/2026-01-01/holiday.mp4'));
  assert.ok(house.volume.files.has('quarantine/yard/main/2026-01-01/00-00-01.000Z.mp4'));
  const at = midnight + 90_000;
  assert.deepEqual(again.listSegments(yard, 'main', { fromMs: at, toMs: at + 1 }), []);
  const { spans, gaps } = span(again);
  assert.equal(spans.length, 2, 'the hole shows');
  assert.ok(gaps.some((gap) => gap.fromMs <= at && gap.toMs >= at));
  await again.close();
});

test('when much is missing at once nothing is deleted', async () => {
  using house = new House({ atMs: midnight });
  const first = await house.start();
  await house.record().play(20 * 60_000);
  await house.recorder.close();
  await first.close();
  for (const path of [...house.volume.files.keys()].slice(0, 15)) await house.volume.remove(path);
  const again = await house.start();
  await again.reconciled;
  again.keeping.setStorage(cap(1));
  await again.enforceCaps();
  assert.ok(house.volume.files.size >= 5);
  assert.ok(house.log.lines.some(({ level, message }) => level === 'error' && message.includes('missing')));
  assert.equal(span(again).spans.length, 1, 'rows wait for the disk to come back');
  await again.close();
});

test('when the files of 150 000 rows are missing they are counted, and nothing is deleted', async () => {
  using house = new House({ atMs: midnight });
  const first = await house.start();
  await house.record().play(60_000);
  await house.recorder.close();
  await first.close();
  const [rows, perDay] = [150_000, 1440];
  using db = new DatabaseSync(join(house.folder.path, 'index.sqlite'));
  db.prepare(
    `with recursive minute (n) as (select 0 union all select n + 1 from minute where n + 1 < ?1)
    insert into segment (camera, stream, path, run, start_ms, end_ms, start_ticks, clock_rate_hz, codec, init_hash, open)
    select camera, stream, camera || '/main/day-' || (n / ${perDay}) || '/' || n || '.mp4', 'old', n, n + 1, 0, 90000, codec, init_hash, 0
    from minute, (select * from segment limit 1)`,
  ).run(rows);
  db.close();
  const again = await house.start();
  await again.reconciled;
  assert.deepEqual([again.keeping.status().stopped?.missing, house.volume.files.size], [rows, 2]);
  assert.ok(!house.log.lines.some(({ message }) => message.includes('Could not reconcile')));
  await again.close();
});

test('when what was missing is back, deleting begins again by itself', async () => {
  using house = new House({ atMs: midnight });
  const first = await house.start();
  await house.record().play(20 * 60_000);
  await house.recorder.close();
  await first.close();
  const gone = [...house.volume.files].slice(0, 15).map(([path, bytes]) => [path, bytes.slice()] as const);
  for (const [path] of gone) await house.volume.remove(path);
  const again = await house.start();
  await again.reconciled;
  const { stopped } = again.keeping.status();
  assert.deepEqual([stopped?.missing, stopped?.of, stopped?.sinceMs], [15, 21, house.clock.nowMs()]);
  for (const [path, bytes] of gone) house.volume.put(path, bytes);
  await house.clock.advance(300_000);
  await until(() => again.keeping.status().stopped === undefined);
  again.keeping.setStorage(cap(1));
  await again.enforceCaps();
  assert.equal(house.volume.files.size, 0);
  await again.close();
});

test('a file that was recorded while the index could not be written is adopted by itself', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  await archive.reconciled;
  const note = archive.note.bind(archive);
  archive.note = (event) => {
    // As when SQLite has no room for the row.
    if (
      event.kind !== 'segment-opened' ||
      event.startWallMs < midnight + 60_000 ||
      event.startWallMs > midnight + 100_000
    )
      note(event);
  };
  await house.record().play(4 * 60_000);
  await house.recorder.close();
  await house.clock.advance(10_000);
  const at = midnight + 90_000;
  await until(() => archive.listSegments(yard, 'main', { fromMs: at, toMs: at + 1 }).length === 1);
  await archive.close();
});

test('while the index has no room nothing is forgotten: gaps and files are in it once there is room again', async () => {
  using house = new House({ atMs: midnight });
  let store: IndexStore | undefined;
  house.attach = (opened) => (store = opened);
  const archive = await house.start();
  await archive.reconciled;
  await house.record().play(70_000);
  const pages = store!.db.prepare('pragma page_count').get()!['page_count'] as number;
  store!.db.exec(`pragma max_page_count = ${pages}`);
  // Fills what is left of the last pages, as anything else would.
  assert.throws(() => {
    for (let at = 0; at < 2_000; at++) store!.setFact(`filler-${at}`, 'x'.repeat(20_000));
  }, /full/);
  await house.feed.play(60_000);
  archive.note({ kind: 'gap', camera: porch, stream: 'main', fromMs: midnight + 100_000, reason: 'disk-full' });
  await house.feed.play(60_000);
  await house.recorder.close();
  store!.db.exec('pragma max_page_count = 1000000');
  await house.clock.advance(12_000);
  await until(() => archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + day }).length === 4);
  await house.clock.advance(2_000);
  const { spans } = span(archive);
  assert.ok(spans.at(-1)!.toMs >= midnight + 189_000);
  assert.equal(archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + day }).length, 4);
  archive.setCamera(porch, { addedMs: midnight });
  assert.ok(span(archive, porch).gaps.some(({ reason }) => reason === 'disk-full'));
  await archive.close();
});

test('a removed camera leaves nothing behind', async () => {
  using house = new House();
  const archive = await house.start();
  await house.record(yard).play(90_000);
  await house.recorder.close();
  await house.record(porch).play(10_000);
  await house.recorder.close();
  await archive.removeCamera(yard);
  assert.deepEqual(
    [...house.volume.files.keys()].filter((path) => path.startsWith('yard/')),
    [],
  );
  assert.equal(archive.usedBytes(yard), 0);
  assert.deepEqual(span(archive).spans, []);
  assert.equal(span(archive, porch).spans.length, 1);
  await archive.close();
});

test('segments whose recorder died are closed as far as they are whole', async () => {
  using house = new House();
  const archive = await house.start();
  await house.record().play(20_000);
  house.recorder.onFrame = () => undefined;
  const path = [...house.volume.files.keys()][0]!;
  await archive.closeAbandoned([path.replace('.mp4', ''), 'yard/main/unknown']);
  const { spans } = span(archive);
  assert.equal(spans.length, 1);
  assert.equal(spans[0]!.open, false);
  assert.ok(archive.usedBytes(yard) > 10_000);
  await archive.close();
});

test('what is recorded is answered within 10 ms on an index of a month', async () => {
  using house = new House();
  const archive = await house.start();
  using index = new DatabaseSync(join(house.folder.path, 'index.sqlite'));
  const cameras = Array.from({ length: 100 }, (_, camera) => cameraIdSchema.parse(`cam-${camera}`));
  for (const camera of cameras) archive.setCamera(camera, { addedMs: midnight - 30 * day });
  index.exec('begin');
  const insert = index.prepare('insert into span (camera, stream, start_ms, end_ms, run) values (?, ?, ?, ?, ?)');
  const insertGap = index.prepare('insert into gap (camera, stream, from_ms, reason) values (?, ?, ?, ?)');
  for (const camera of cameras) {
    for (let run = 0; run < 240; run++) {
      const from = midnight - 30 * day + run * 3 * 3_600_000;
      insert.run(camera, 'main', from, from + 10_700_000, `r${run}`);
      insertGap.run(camera, 'main', from + 10_700_000, 'network');
    }
  }
  index.exec('commit');
  const p95 = (run: (round: number) => void): number => {
    const times = Array.from({ length: 40 }, (_, round) => {
      const before = process.threadCpuUsage();
      run(round);
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1000;
    });
    return times.sort((a, b) => a - b)[37]!;
  };
  const oneMonth = p95((round) => {
    const { spans, gaps } = archive.findSpans(cameras[round]!, midnight - 30 * day, midnight);
    assert.equal(spans.length, 240);
    assert.equal(gaps.length, 240);
  });
  const allDay = p95(() => {
    for (const camera of cameras) assert.ok(archive.findSpans(camera, midnight - day, midnight).spans.length >= 8);
  });
  assert.ok(
    oneMonth < 50 && allDay < 50,
    `${oneMonth} ms and ${allDay} ms of the processor (bar: 10; room for a slow one)`,
  );
  await archive.close();
});
