import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTarget, toCorrection } from './latency.ts';

test('near the target the speed is left alone', () => {
  assert.deepEqual(toCorrection({ lagSeconds: 0.13, targetSeconds: 0.12 }), { rate: 1 });
});

test('the speed stays within 0.97 and 1.1', () => {
  for (let lagSeconds = 0; lagSeconds <= 1.5; lagSeconds += 0.01) {
    const { rate, seekBackSeconds } = toCorrection({ lagSeconds, targetSeconds: 0.12 });
    assert.ok(rate >= 0.97 && rate <= 1.1, `${lagSeconds} gave ${rate}`);
    assert.equal(seekBackSeconds, undefined);
  }
  assert.equal(toCorrection({ lagSeconds: 1.2, targetSeconds: 0.12 }).rate, 1.1);
});

test('too near plays slower and too far plays faster', () => {
  assert.ok(toCorrection({ lagSeconds: 0.02, targetSeconds: 0.12 }).rate < 1);
  assert.ok(toCorrection({ lagSeconds: 0.4, targetSeconds: 0.12 }).rate > 1);
});

test('a lag over 1.5 s is jumped over', () => {
  assert.deepEqual(toCorrection({ lagSeconds: 1.6, targetSeconds: 0.12 }), { rate: 1, seekBackSeconds: 0.12 });
});

test('a simulated player that starts a second behind comes to its target and stays', () => {
  let lagSeconds = 1.2;
  for (let tick = 0; tick < 1200; tick++) {
    const { rate, seekBackSeconds } = toCorrection({ lagSeconds, targetSeconds: 0.12 });
    lagSeconds = seekBackSeconds ?? lagSeconds - 0.05 * (rate - 1);
  }
  assert.ok(Math.abs(lagSeconds - 0.12) <= 0.12 * 0.25, `ended at ${lagSeconds}`);
});

test('stalls lengthen the target up to its most and calm shortens it again', () => {
  const target = openTarget(0.12, 0.8);
  for (let stall = 0; stall < 20; stall++) target.stalled();
  assert.equal(target.seconds(), 0.8);
  for (let second = 0; second < 300; second++) target.calm();
  assert.equal(target.seconds(), 0.12);
});
