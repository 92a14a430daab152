import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLowWater, openTarget, toCorrection } from './latency.ts';

const targetSeconds = 0.07;

test('near the target the speed is left alone', () => {
  assert.deepEqual(toCorrection({ reserveSeconds: 0.085, targetSeconds, audible: false }), { rate: 1 });
  assert.deepEqual(toCorrection({ reserveSeconds: 0.105, targetSeconds, audible: true }), { rate: 1 });
});

test('what is heard stays within 0.97 and 1.1, what is only seen within 0.9 and 2', () => {
  for (const [audible, slowest, fastest] of [
    [true, 0.97, 1.1],
    [false, 0.9, 2],
  ] as const) {
    for (let reserveSeconds = 0; reserveSeconds <= 1.5; reserveSeconds += 0.01) {
      const { rate, seekBackSeconds } = toCorrection({ reserveSeconds, targetSeconds, audible });
      assert.ok(rate >= slowest && rate <= fastest, `${reserveSeconds} gave ${rate}`);
      assert.equal(seekBackSeconds, undefined);
    }
    assert.equal(toCorrection({ reserveSeconds: 1.4, targetSeconds, audible }).rate, fastest);
  }
});

test('too near plays slower and too far plays faster', () => {
  assert.ok(toCorrection({ reserveSeconds: 0.01, targetSeconds, audible: false }).rate < 1);
  assert.ok(toCorrection({ reserveSeconds: 0.2, targetSeconds, audible: false }).rate > 1);
});

test('more than 1.5 s too far is jumped over', () => {
  for (const audible of [true, false])
    assert.deepEqual(toCorrection({ reserveSeconds: 1.6, targetSeconds, audible }), {
      rate: 1,
      seekBackSeconds: targetSeconds,
    });
});

test('a simulated player that was held up for 300 ms is back within a second and a half, and stays', () => {
  let reserveSeconds = 0.37;
  const reserves = Array.from({ length: 200 }, () => {
    const { rate } = toCorrection({ reserveSeconds, targetSeconds, audible: false });
    return (reserveSeconds -= 0.1 * (rate - 1));
  });
  assert.ok(Math.max(...reserves.slice(15)) < targetSeconds + 0.05, `${reserves[15]} after 1.5 s`);
  assert.ok(Math.abs(reserves.at(-1)! - targetSeconds) <= 0.03, `ended at ${reserves.at(-1)}`);
});

test('stalls lengthen the target up to its most, and calm halves it in a quarter of a minute down to its least', () => {
  const target = openTarget(0.07, 0.8);
  for (let stall = 0; stall < 20; stall++) target.stalled();
  assert.equal(target.seconds(), 0.8);
  for (let tick = 0; tick < 140; tick++) target.calm(0.1);
  assert.ok(Math.abs(target.seconds() - 0.4) < 0.02, `${target.seconds()} after 14 s`);
  target.calm(300);
  assert.equal(target.seconds(), 0.07);
});

test('the low water is the least of the last 300 ms, and unknown when nothing came', () => {
  const water = openLowWater(300);
  assert.equal(water.least(0), undefined);
  water.add(0.02, 0);
  water.add(0.3, 40);
  assert.equal(water.least(40), 0.02);
  assert.equal(water.least(310), 0.3);
  assert.equal(water.least(400), undefined);
  water.add(0.1, 410);
  water.clear();
  assert.equal(water.least(410), undefined);
});
