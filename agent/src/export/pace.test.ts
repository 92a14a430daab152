import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openPace } from './index.ts';

test('work goes no faster than the pace, and a wait gives no right to a rush', async () => {
  const clock = openFakeClock();
  const pace = openPace(clock, 1_000_000);
  const { signal } = new AbortController();
  const slow = pace.take(2_000_000, signal);
  let over = false;
  void slow.then(() => (over = true));
  await clock.advance(1_900);
  assert.equal(over, false);
  await clock.advance(200);
  assert.equal(over, true);
  await clock.advance(60_000);
  const next = pace.take(1_000_000, signal).then(() => clock.monotonicMs());
  const beganMs = clock.monotonicMs();
  await clock.advance(1_500);
  assert.ok((await next) - beganMs >= 1_000);
});

test('a wait ends with the signal', async () => {
  const clock = openFakeClock();
  const leaving = new AbortController();
  const waiting = openPace(clock, 1_000).take(100_000, leaving.signal);
  leaving.abort(new Error('cancelled'));
  await assert.rejects(waiting, /cancelled/);
});
