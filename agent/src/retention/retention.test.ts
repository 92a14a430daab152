import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cap, House, midnight, porch, span, yard } from '#testing';

test('a camera keeps at most its cap, oldest first, file before row', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight, capBytes: 1_000_000 });
  await house.record().play(20 * 60_000);
  await house.recorder.close();
  await archive.enforceCaps();
  const used = [...house.volume.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  assert.ok(archive.usedBytes(yard) <= 1_000_000);
  assert.ok(used <= 1_000_000 && used > 700_000);
  const { spans, gaps } = span(archive);
  assert.equal(spans.length, 1);
  assert.equal(spans[0]!.fromMs, archive.oldestMs(yard));
  assert.ok(spans[0]!.fromMs > midnight + 60_000);
  assert.equal(gaps[0]!.reason, 'retention');
  assert.deepEqual([gaps[0]!.fromMs, gaps[0]!.toMs], [midnight, spans[0]!.fromMs]);
  await archive.close();
});

test('the cap in all takes the oldest of any camera; the default is a quarter of what was free at first', async () => {
  using house = new House({ atMs: midnight, capacityBytes: 4_000_000 });
  const archive = await house.start();
  assert.equal(archive.keeping.capBytes(), 1_000_000);
  await house.record(yard).play(5 * 60_000);
  await house.recorder.close();
  await house.record(porch).play(5 * 60_000);
  await house.recorder.close();
  archive.keeping.setStorage(cap(archive.usedBytes(porch)));
  await archive.enforceCaps();
  assert.ok(archive.usedBytes(yard) < 1_000, 'but for what began as the other did');
  assert.ok(archive.usedBytes(porch) > 100_000);
  await archive.close();
  const again = await house.start();
  assert.equal(again.keeping.capBytes(), 1_000_000);
  await again.close();
});

test('at the floor of free space the oldest goes and recording goes on', async () => {
  using house = new House({ atMs: midnight, capacityBytes: 400_000 });
  const archive = await house.start();
  archive.keeping.setStorage(cap(1e12));
  await house.record(yard, { pictureBytes: 300 }).play(15 * 60_000);
  const { freeBytes } = await house.volume.space();
  assert.ok(freeBytes >= 2_000);
  const { spans } = span(archive);
  assert.ok(house.clock.nowMs() - spans.at(-1)!.toMs < 2_000, 'it still records');
  assert.ok(spans[0]!.fromMs > midnight);
  await house.recorder.close();
  await archive.close();
});
