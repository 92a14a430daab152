import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBackoff } from './index.ts';

test('delays double up to the longest, and start over after a reset', () => {
  const backoff = openBackoff({ firstMs: 100, longestMs: 350, random: () => 1 });
  assert.deepEqual([backoff.nextMs(), backoff.nextMs(), backoff.nextMs(), backoff.nextMs()], [100, 200, 350, 350]);
  backoff.reset();
  assert.equal(backoff.nextMs(), 100);
});

test('jitter takes away at most half', () => {
  const backoff = openBackoff({ firstMs: 100, longestMs: 1000, random: () => 0 });
  assert.equal(backoff.nextMs(), 50);
  const real = openBackoff({ firstMs: 100, longestMs: 100 });
  for (let round = 0; round < 50; round++) {
    const delayMs = real.nextMs();
    assert.ok(delayMs >= 50 && delayMs <= 100);
  }
});
