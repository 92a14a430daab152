import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRest } from './rest.ts';

function open(options: { mayRest?: () => boolean; onBlock?: (wake: Int32Array) => void } = {}) {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const due: (() => void)[] = [];
  const slept: number[] = [];
  const time = { nowMs: 0 };
  const rest = openRest({
    wake,
    mayRest: options.mayRest ?? (() => true),
    afterReads: (call) => due.push(call),
    nowMs: () => time.nowMs,
    block: (_wake, seen, ms) => {
      assert.equal(seen, Atomics.load(wake, 0));
      slept.push(ms);
      options.onBlock?.(wake);
    },
  });
  const round = (...reads: number[]): void => {
    for (const sizeBytes of reads) rest.onRead(sizeBytes);
    for (const call of due.splice(0)) call();
  };
  return { wake, slept, time, round };
}

test('many reads of one round are followed by one rest', () => {
  const { slept, round } = open();
  round(1000, 20_000, 10);
  assert.deepEqual(slept, [180]);
  round();
  assert.deepEqual(slept, [180]);
});

test('a burst is read on without a rest, and the round after it rests again', () => {
  const { slept, round } = open();
  round(1000, 100_000);
  assert.deepEqual(slept, []);
  round(1000);
  assert.deepEqual(slept, [180]);
});

test('nobody rests for a while after a read of a young connection, which waits for its next step', () => {
  const { slept, time, round } = open();
  round(1000, Infinity);
  round(1000);
  time.nowMs = 299;
  round(1000);
  assert.deepEqual(slept, []);
  time.nowMs = 300;
  round(1000);
  assert.deepEqual(slept, [180]);
});

test('nobody rests while somebody watches', () => {
  let watched = true;
  const { slept, round } = open({ mayRest: () => !watched });
  round(1000);
  assert.deepEqual(slept, []);
  watched = false;
  round(1000);
  assert.deepEqual(slept, [180]);
});

test('a message that came before the rest or during it is looked at first', () => {
  const { wake, slept, round } = open({ onBlock: (at) => void (slept.length === 2 && Atomics.add(at, 0, 1)) });
  Atomics.add(wake, 0, 1);
  round(1000);
  assert.deepEqual(slept, []);
  round(1000);
  assert.deepEqual(slept, [180]);
  round(1000); // the message comes while it sleeps: the next round goes round once without
  assert.deepEqual(slept, [180, 180]);
  round(1000);
  assert.deepEqual(slept, [180, 180]);
  round(1000);
  assert.deepEqual(slept, [180, 180, 180]);
});
