import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { WritePace } from './write-pace.ts';

function open(options: { type?: number; writeMs?: number } = {}) {
  const clock = openFakeClock();
  const made: ('now' | 'elsewhere')[] = [];
  const syncs: (() => void)[] = [];
  const state = { writeMs: options.writeMs ?? 0 };
  let atMs = 0;
  const slowClock = { ...clock, monotonicMs: () => clock.monotonicMs() + atMs };
  const pace = new WritePace(slowClock, {
    writeNow: () => {
      made.push('now');
      atMs += state.writeMs;
      return 1;
    },
    writeElsewhere: () => {
      made.push('elsewhere');
      return Promise.resolve(1);
    },
    sync: () => new Promise((resolve) => syncs.push(resolve)),
    typeOf: () => (options.type === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(options.type)),
  });
  const write = async (): Promise<void> => void (await pace.write(1, [Uint8Array.of(1)], 0));
  return { clock, made, syncs, state, pace, write };
}

test('writes are made in the thread while the disk takes them at once', async () => {
  const { made, write } = open();
  await write();
  await write();
  assert.deepEqual(made, ['now', 'now']);
});

test('after a slow write they leave the thread for a minute', async () => {
  const { clock, made, state, write } = open({ writeMs: 25 });
  await write();
  state.writeMs = 0;
  await write();
  await clock.advance(59_000);
  await write();
  await clock.advance(2000);
  await write();
  assert.deepEqual(made, ['now', 'elsewhere', 'elsewhere', 'now']);
});

test('while a sync hangs no write is made in the thread, whatever else was synced meanwhile', async () => {
  const { clock, made, syncs, pace, write } = open();
  const [hanging, quick] = [pace.sync(1), pace.sync(2)];
  await write();
  syncs[1]!();
  await quick;
  await clock.advance(301);
  await write();
  syncs[0]!();
  await hanging;
  await clock.advance(61_000);
  await write();
  assert.deepEqual(made, ['now', 'elsewhere', 'now']);
});

test('on a file system with a server behind it none is made in the thread; one that cannot be asked counts as local', async () => {
  const nfs = open({ type: 0x6969 });
  await nfs.pace.look('/nas');
  await nfs.write();
  assert.deepEqual(nfs.made, ['elsewhere']);
  const smb2 = open({ type: -28095166 }); // 0xfe534d42 as a signed number
  await smb2.pace.look('/nas');
  await smb2.write();
  assert.deepEqual(smb2.made, ['elsewhere']);
  const unknown = open();
  await unknown.pace.look('/gone');
  await unknown.write();
  assert.deepEqual(unknown.made, ['now']);
});
