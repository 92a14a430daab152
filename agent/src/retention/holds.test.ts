import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cap, House, midnight, span, yard } from '#testing';

const minute = 60_000;
const third = { fromMs: midnight + 3 * minute + 1000, toMs: midnight + 4 * minute + 1000, note: 'the parcel' };

test('held footage is never deleted, whatever the budget; released it goes as the rest', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  await house.record().play(10 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  const hold = archive.keeping.holds.add(yard, third);
  const { heldBytes } = archive.keeping.kept(yard);
  assert.ok(heldBytes > 100_000, 'the two files that it touches');
  assert.equal(hold.bytes, heldBytes);
  archive.keeping.setStorage(cap(1, { continuous: { days: 0.000001 } }));
  await archive.enforceCaps();
  assert.equal(archive.usedBytes(yard), heldBytes);
  const { spans } = span(archive);
  assert.ok(spans.every(({ fromMs, toMs }) => fromMs <= third.fromMs && toMs >= third.toMs));
  archive.keeping.holds.release(yard, hold.id);
  await archive.enforceCaps();
  assert.equal(archive.usedBytes(yard), 0);
  assert.throws(() => archive.keeping.holds.release(yard, hold.id), { kind: 'not-found' });
  await archive.close();
});

test('a hold reaches into what is yet to be recorded', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight });
  archive.keeping.holds.add(yard, { ...third, toMs: midnight + 6 * minute });
  await house.record().play(10 * minute);
  await house.recorder.close();
  archive.keeping.setStorage(cap(1));
  await archive.enforceCaps();
  const { spans } = span(archive);
  assert.equal(spans.length, 1);
  assert.ok(spans[0]!.fromMs <= third.fromMs && spans[0]!.toMs >= midnight + 6 * minute);
  await archive.close();
});

test('what two holds cover stays until both are released', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  await house.record().play(6 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  const one = archive.keeping.holds.add(yard, third);
  const two = archive.keeping.holds.add(yard, { ...third, fromMs: midnight });
  assert.ok(two.bytes! > one.bytes! && two.bytes === archive.keeping.kept(yard).heldBytes);
  assert.deepEqual(archive.keeping.holds.list(yard), [one, two], 'what both hold counts in each');
  archive.keeping.holds.release(yard, one.id);
  archive.keeping.setStorage(cap(1));
  await archive.enforceCaps();
  assert.equal(span(archive).spans[0]!.fromMs, midnight);
  assert.ok(span(archive).spans.at(-1)!.toMs >= third.toMs);
  await archive.close();
});

test('holds outlive the index', async () => {
  using house = new House({ atMs: midnight });
  const first = await house.start();
  await house.record().play(6 * minute);
  await house.recorder.close();
  const hold = first.keeping.holds.add(yard, third);
  await first.close();
  for (const end of ['', '-wal', '-shm']) rmSync(join(house.folder.path, `index.sqlite${end}`), { force: true });
  const again = await house.start();
  await again.reconciled;
  assert.deepEqual(again.keeping.holds.list(yard), [hold]);
  again.keeping.setStorage(cap(1));
  await again.enforceCaps();
  assert.ok(span(again).spans.some(({ fromMs, toMs }) => fromMs <= third.fromMs && toMs >= third.toMs));
  await again.close();
});

test('a hold beyond the budget for held footage is refused in words, and changes nothing', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: midnight, budget: { held: { bytes: 100_000 } } });
  await house.record().play(6 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  assert.throws(() => archive.keeping.holds.add(yard, { ...third, fromMs: midnight }), {
    kind: 'conflict',
    message: /would be held/,
  });
  assert.deepEqual(archive.keeping.holds.list(yard), []);
  assert.equal(archive.keeping.kept(yard).heldBytes, 0);
  await archive.close();
});

test('footage of a camera is not deleted by its removal while some of it is held', async () => {
  using house = new House({ atMs: midnight });
  const archive = await house.start();
  await house.record().play(6 * minute);
  await house.recorder.close();
  await archive.enforceCaps();
  archive.keeping.holds.add(yard, third);
  await assert.rejects(archive.removeCamera(yard), { kind: 'conflict' });
  assert.ok(archive.usedBytes(yard) > 0);
  await archive.close();
});

test('a file of holds that makes no sense releases nothing', async () => {
  using house = new House({ atMs: midnight });
  const first = await house.start();
  await house.record().play(6 * minute);
  await house.recorder.close();
  await first.enforceCaps();
  first.keeping.holds.add(yard, third);
  const { heldBytes } = first.keeping.kept(yard);
  await first.close();
  writeFileSync(join(house.folder.path, 'holds.json'), '{');
  const again = await house.start();
  again.keeping.setStorage(cap(1));
  await again.enforceCaps();
  assert.equal(again.usedBytes(yard), heldBytes);
  assert.ok(house.log.lines.some(({ level, message }) => level === 'error' && message.includes('holds.json')));
  await again.close();
});
