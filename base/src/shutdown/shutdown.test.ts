import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { openFakeClock } from '#clock';
import { openFakeLog } from '#log';
import { openShutdown } from './index.ts';

function openFakeProcess() {
  const emitter = new EventEmitter();
  const codes: number[] = [];
  return { emitter, codes, on: emitter.on.bind(emitter), exit: (code: number) => void codes.push(code) };
}

test('a signal closes in reverse order, once, and then the process exits', async () => {
  const clock = openFakeClock();
  const process = openFakeProcess();
  const shutdown = openShutdown({ clock, log: openFakeLog(), graceMs: 100, process });
  const closed: string[] = [];
  shutdown.add('first', () => void closed.push('first'));
  shutdown.add('second', async () => void closed.push('second'));
  process.emitter.emit('SIGTERM');
  process.emitter.emit('SIGINT');
  await shutdown.end(0);
  assert.deepEqual(closed, ['second', 'first']);
  assert.deepEqual(process.codes, [0]);
  assert.ok(shutdown.signal.aborted);
  assert.equal(clock.pendingTimers, 0);
});

test('one that fails to close does not keep the others open', async () => {
  const process = openFakeProcess();
  const log = openFakeLog();
  const shutdown = openShutdown({ clock: openFakeClock(), log, graceMs: 100, process });
  let closed = false;
  shutdown.add('good', () => void (closed = true));
  shutdown.add('bad', () => Promise.reject(new Error('stuck')));
  await shutdown.end(3);
  assert.ok(closed);
  assert.equal(log.lines[0]?.fields['what'], 'bad');
  assert.deepEqual(process.codes, [3]);
});

test('when the parent is gone and something hangs, the process still ends in time', async () => {
  const clock = openFakeClock();
  const process = openFakeProcess();
  const shutdown = openShutdown({ clock, log: openFakeLog(), graceMs: 2000, process });
  shutdown.add('hangs', () => new Promise(() => undefined));
  process.emitter.emit('disconnect');
  await clock.advance(1999);
  assert.deepEqual(process.codes, []);
  await clock.advance(1);
  assert.deepEqual(process.codes, [0]);
});
