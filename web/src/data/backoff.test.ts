import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBackoffMs } from './backoff.ts';

test('waiting doubles with each try and stops growing at the most', () => {
  const at = (tries: number) => toBackoffMs(tries, { firstMs: 500, mostMs: 10_000, random: 0.5 });
  assert.deepEqual([at(0), at(1), at(2), at(3), at(4), at(5), at(500)], [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test('waiting is spread by a fifth to each side', () => {
  assert.equal(toBackoffMs(1, { firstMs: 500, mostMs: 10_000, random: 0 }), 800);
  assert.equal(toBackoffMs(1, { firstMs: 500, mostMs: 10_000, random: 1 }), 1200);
});
