import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findFault, fromField, toField, toFirstWish } from './wish.ts';

const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0);

test('a time goes into its field and back to the second', () => {
  assert.equal(fromField(toField(nowMs + 999)), nowMs);
  assert.equal(fromField(''), undefined);
});

test('the address chooses camera and span; without one it is the last hour and no camera', () => {
  const asked = toFirstWish(new URLSearchParams('camera=yard&camera=gate&from=1767225600000&to=1767229200000'), nowMs);
  assert.deepEqual(asked.cameras, ['yard', 'gate']);
  assert.deepEqual([fromField(asked.from), fromField(asked.to)], [1_767_225_600_000, 1_767_229_200_000]);
  const plain = toFirstWish(new URLSearchParams('from=soon'), nowMs);
  assert.deepEqual([plain.cameras, fromField(plain.from), fromField(plain.to)], [[], nowMs - 3_600_000, nowMs]);
});

test('what cannot be exported is said in words before it is sent', () => {
  const good = { ...toFirstWish(new URLSearchParams('camera=yard'), nowMs) };
  assert.equal(findFault(good, nowMs), undefined);
  const faults = [
    { ...good, cameras: [] },
    { ...good, to: '' },
    { ...good, to: good.from },
    { ...good, from: toField(nowMs - 32 * 86_400_000) },
    { ...good, from: toField(nowMs + 60_000), to: toField(nowMs + 120_000) },
  ].map((wish) => findFault(wish, nowMs));
  assert.equal(new Set(faults).size, 5);
  assert.ok(faults.every((fault) => fault !== undefined));
});
