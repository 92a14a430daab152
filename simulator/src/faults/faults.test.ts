import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faultWords, openRandom, parseFault, toFaultyPackets } from './index.ts';

const packets = Array.from({ length: 200 }, (_, index) => new Uint8Array(40).fill(index));

test('a fault is read as written on the command line', () => {
  assert.deepEqual(parseFault('drop=0.01, delay=100,stall,close=reset,refuse,marker=never,clock-jump=-3600000'), {
    drop: 0.01,
    delayMs: 100,
    stall: true,
    close: 'reset',
    refuse: 'close',
    marker: 'never',
    clockJumpMs: -3_600_000,
  });
});

test('words that take a word, a number or nothing are read', () => {
  assert.deepEqual(
    parseFault('stall=video,refuse=password,describe=short,drip=1,session-timeout=1,keep-alive,transport,swap'),
    {
      ...{ stall: 'video', refuse: 'password', describe: 'short', dripBytesPerSecond: 1, sessionTimeoutS: 1 },
      ...{ keepAlive: 'refused', transport: 'no-tcp', swap: true },
    },
  );
});

test('an unknown fault or value is refused with the words that exist', () => {
  for (const text of [
    '',
    'what',
    'drop',
    'drop=',
    'drop=2',
    'drop=x',
    'stall=1',
    'close=maybe',
    '__proto__',
    'toString',
  ]) {
    assert.throws(() => parseFault(text), { name: 'HouseError', kind: 'invalid' }, text);
  }
  assert.ok(faultWords.includes('half-open'));
});

test('the same seed gives the same trouble, and packets given are not changed', () => {
  const fault = { drop: 0.2, reorder: 0.2, corrupt: 0.2, duplicate: 0.1 };
  const copies = packets.map((packet) => packet.slice());
  const first = toFaultyPackets(packets, fault, openRandom(5));
  assert.deepEqual(first, toFaultyPackets(packets, fault, openRandom(5)));
  assert.notDeepEqual(first, toFaultyPackets(packets, fault, openRandom(6)));
  assert.deepEqual(packets, copies);
});

test('without trouble the packets are the ones given; with all trouble none comes', () => {
  assert.deepEqual(toFaultyPackets(packets, {}, openRandom(1)), packets);
  assert.deepEqual(toFaultyPackets(packets, { drop: 1 }, openRandom(1)), []);
});

test('random numbers are from 0 to below 1 and evenly spread', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const random = openRandom(seed);
      const values = Array.from({ length: 1000 }, random);
      assert.ok(values.every((value) => value >= 0 && value < 1));
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      assert.ok(mean > 0.4 && mean < 0.6, String(mean));
    }),
    { numRuns: 50 },
  );
});
