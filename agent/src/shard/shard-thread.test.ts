import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { openShardThread } from './shard-thread.ts';

/** A real thread whose main thread's clock only moves when told to; `standStill` moves it on without a timer. */
async function open(folder: string) {
  const clock = openFakeClock();
  const log = openFakeLog();
  const died = Promise.withResolvers<void>();
  let stoodMs = 0;
  const thread = await openShardThread({
    setup: {
      ...{ index: 0, target: { id: 'main', folder, identity: 'one' }, demoFolder: folder, level: 'silent' },
      socketPath: join(folder, 'shard.sock'),
    },
    clock: { ...clock, monotonicMs: () => clock.monotonicMs() + stoodMs },
    ...{ log, onEvents: () => undefined, onReports: () => undefined, onDied: died.resolve },
  });
  return { clock, log, thread, died: died.promise, standStill: (ms: number) => void (stoodMs += ms) };
}

test('a shard is left alone after its process stood still for minutes: what it said meanwhile is heard after the look', async () => {
  using folder = openTempFolder();
  const { clock, log, thread, standStill } = await open(folder.path);
  for (let minute = 0; minute < 10; minute++) {
    standStill(60_000);
    await clock.advance(5_000); // a timer that is late fires once
    assert.equal(await thread.ask('close-sessions', { sids: [] }), 0);
  }
  assert.deepEqual(log.lines, []);
  await thread.close();
});

test('a shard from which nothing comes is ended', async () => {
  using folder = openTempFolder();
  const { clock, log, died } = await open(folder.path);
  // No turn of the event loop is long enough for a report to come.
  await clock.advance(60_000);
  await died;
  assert.match(log.lines[0]!.message, /does not answer and is ended/);
});
