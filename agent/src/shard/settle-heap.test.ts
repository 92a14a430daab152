import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleHeap } from './settle-heap.ts';

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
