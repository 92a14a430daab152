import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { findBudgetFault, toDefaultBytes, toMostBytes } from './budgets.ts';
import { cap, House, midnight, porch, span, yard } from '#testing';

const minute = 60_000;
const inDays = (ms: number): number => ms / 86_400_000;

/** Changes rows as other rooms do. */
function change(house: House, sql: string): void {
  const index = new DatabaseSync(join(house.folder.path, 'index.sqlite'));
  index.exec(sql);
  index.close();
}

test('a budget in days takes what is older, and the ledger says retention', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  archive.keeping.setStorage(cap(1e12, { continuous: { days: inDays(10 * minute) } }));
  await house.record().play(30 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  const { spans, gaps } = span(archive);
  const keptMs = house.clock.nowMs() - spans[0]!.fromMs;
  assert.ok(keptMs >= 10 * minute - 2_000 && keptMs <= 11 * minute + 2_000, `${keptMs} ms are kept`);
  assert.equal(gaps[0]!.reason, 'retention');
  await archive.close();
});

test('a budget in bytes holds for its class alone', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  await house.record().play(10 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  change(house, `update segment set class = 'event' where start_ms < ${midnight + 5 * minute - 30_000}`);
  const before = archive.keeping.kept(yard);
  archive.setCamera(yard, { addedMs: midnight, budget: { continuous: { bytes: 150_000 } } });
  await house.record().play(10 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  const after = archive.keeping.kept(yard);
  assert.ok(before.eventBytes > 150_000);
  assert.equal(after.eventBytes, before.eventBytes);
  assert.ok(after.continuousBytes <= 150_000 && after.continuousBytes > 60_000);
  await archive.close();
});

test("no camera loses its safe share to one that sends more, and the others' footage is equally old", async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  for (const camera of [yard, porch]) archive.setCamera(camera, { addedMs: midnight });
  archive.keeping.setStorage(cap(2_000_000));
  await house.record(porch, { pictureBytes: 100 }).play(4 * minute);
  await house.recorder.close();
  const quiet = archive.usedBytes(porch);
  assert.ok(quiet < 500_000, 'less than its safe share');
  await house.record(yard, { pictureBytes: 1_000 }).play(20 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  assert.equal(archive.usedBytes(porch), quiet, 'it is older than anything of the other');
  assert.ok(archive.usedBytes(yard) + quiet <= 2_000_000);
  await archive.close();
});

test('footage of a camera that is no longer recorded has no safe share', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  for (const camera of [yard, porch]) archive.setCamera(camera, { addedMs: midnight });
  archive.keeping.setStorage(cap(1_000_000));
  await house.record(porch, { pictureBytes: 100 }).play(4 * minute);
  await house.recorder.close();
  archive.keeping.keepCameras([yard]);
  await house.record(yard, { pictureBytes: 4_000 }).play(10 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  assert.equal(archive.usedBytes(porch), 0);
  await archive.close();
});

test('events go after what is continuous, until they are half of it all', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  await house.record().play(20 * minute);
  await house.recorder.close();
  change(house, `update segment set class = 'event' where start_ms < ${midnight + 5 * minute - 30_000}`);
  const { eventBytes } = archive.keeping.kept(yard);
  archive.keeping.setStorage(cap(eventBytes * 2));
  await archive.enforceCaps();
  assert.equal(archive.keeping.kept(yard).eventBytes, eventBytes, 'the oldest are events and stay');
  assert.ok(archive.keeping.kept(yard).continuousBytes <= eventBytes);
  archive.keeping.setStorage(cap(eventBytes));
  await archive.enforceCaps();
  assert.ok(archive.keeping.kept(yard).eventBytes < eventBytes);
  await archive.close();
});

test('footage that is owed elsewhere is deleted last, and loudly', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  await house.record().play(10 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  change(house, `update segment set offsite = 'wanted' where start_ms < ${midnight + 5 * minute - 30_000}`);
  const used = archive.usedBytes(yard);
  archive.keeping.setStorage(cap(Math.round(used * 0.6)));
  await archive.enforceCaps();
  assert.equal(span(archive).spans[0]!.fromMs, midnight, 'the oldest is owed and stays');
  assert.equal(archive.keeping.status().lostBeforeOffsite, 0);
  archive.keeping.setStorage(cap(Math.round(used * 0.2)));
  await archive.enforceCaps();
  assert.ok(archive.keeping.status().lostBeforeOffsite > 0);
  assert.ok(house.log.lines.some(({ level, message }) => level === 'error' && message.includes('before its copy')));
  await archive.close();
});

test('every deletion is told with its rule before the row goes', async () => {
  using house = new House({ atMs: midnight });
  const told: string[] = [];
  house.attach = (store) =>
    store.listen({ onDeleted: (segment, rule) => told.push(`${rule} ${store.findSegment(segment.id)?.path}`) });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight, capBytes: 100_000 });
  await house.record().play(5 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  assert.ok(told.length >= 2);
  assert.match(told[0]!, /^budget yard\/main\/2026-01-01\/00-00-00\.000Z\.mp4$/);
  await archive.close();
});

test('a forecast in days comes from what was measured', async () => {
  using house = new House({ atMs: midnight, capacityBytes: 200_000_000 });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  archive.keeping.setStorage(cap(100_000_000));
  assert.equal(archive.keeping.status().days, undefined, 'nothing is known yet');
  await house.record().play(30 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  const { days } = archive.keeping.status();
  const { bytesPerDay } = archive.keeping.kept(yard);
  const measured = (archive.usedBytes(yard) / 30) * 1440;
  assert.ok(Math.abs(bytesPerDay! - measured) / measured < 0.1);
  assert.ok(Math.abs(days! - 100_000_000 / measured) / days! < 0.1);
  await archive.close();
});

test('until somebody chooses: the smaller of 20 GB and a quarter of free space; then at most 90 %', () => {
  assert.equal(toDefaultBytes(1e12), 20e9);
  assert.equal(toDefaultBytes(40e9), 10e9);
  assert.equal(toMostBytes(1e12), 900e9);
  const space = { freeBytes: 1e11, totalBytes: 1e12 };
  assert.equal(findBudgetFault({ id: 'main', bytes: 'most' }, space), undefined);
  assert.equal(findBudgetFault({ id: 'main', bytes: 900e9 }, space), undefined);
  assert.match(findBudgetFault({ id: 'main', bytes: 901e9 }, space)!, /more than 90 % .* at most 900\.0 GB/);
});
