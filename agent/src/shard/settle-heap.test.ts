import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { settleHeap, settleNowAndThen } from './settle-heap.ts';

test('settling collects what nobody holds, and leaves no gc function behind', () => {
  const lost = ((): WeakRef<object> => new WeakRef({ picture: new Array(1000).fill(0) }))();
  return new Promise<void>((done) => {
    // What a WeakRef has shown stays until the end of the turn.
    setImmediate(() => {
      settleHeap();
      assert.equal(lost.deref(), undefined);
      assert.equal('gc' in globalThis, false);
      done();
    });
  });
});

test('it is settled after the start and then now and again, but not while that would disturb somebody', async () => {
  const clock = openFakeClock();
  let [settled, mayPause] = [0, true];
  const timer = settleNowAndThen(
    clock,
    { firstMs: 10, everyMs: 100 },
    () => mayPause,
    () => settled++,
  );
  await clock.advance(9);
  assert.equal(settled, 0);
  await clock.advance(1);
  assert.equal(settled, 1);
  await clock.advance(200);
  assert.equal(settled, 3);
  mayPause = false;
  await clock.advance(200);
  assert.equal(settled, 3);
  mayPause = true;
  await clock.advance(100);
  assert.equal(settled, 4);
  timer.cancel();
  await clock.advance(300);
  assert.equal(settled, 4);
});
