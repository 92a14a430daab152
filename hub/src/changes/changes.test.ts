import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openLocalChanges } from './index.ts';

test('the first change goes out at once, more of the same as one a second later, others by themselves', async () => {
  const clock = openFakeClock();
  const changes = openLocalChanges(clock);
  const heard: string[] = [];
  const stop = changes.listen({ sessionId: 's', send: (text) => void heard.push(text), end: () => undefined });
  for (let round = 0; round < 5; round++) changes.tell({ topic: 'cameras' });
  assert.deepEqual(heard, ['{"topic":"cameras"}']);
  await clock.advance(1000);
  assert.equal(heard.length, 2);
  await clock.advance(5000);
  assert.equal(heard.length, 2);
  stop();
  changes.tell({ topic: 'cameras' });
  assert.equal(heard.length, 2);
  assert.equal(clock.pendingTimers, 0);
});

test('the end of a session ends its listeners and no others', () => {
  const changes = openLocalChanges(openFakeClock());
  const ended: string[] = [];
  for (const sessionId of ['a', 'b']) {
    changes.listen({ sessionId, send: () => undefined, end: () => void ended.push(sessionId) });
  }
  changes.endSession('a');
  assert.deepEqual(ended, ['a']);
});
