import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isHeld, isShared, toNewestFirst } from './hold-values.ts';

const hold = (fromMs: number, toMs: number, createdMs = 0) => ({
  id: `${fromMs}-${toMs}-${createdMs}`,
  fromMs,
  toMs,
  note: '',
  createdMs,
});

test('a span is held when nothing of it is left out, by whichever holds', () => {
  const span = { fromMs: 100, toMs: 200 };
  assert.equal(isHeld([], span), false);
  assert.equal(isHeld([hold(100, 200)], span), true);
  assert.equal(isHeld([hold(150, 250), hold(50, 150)], span), true, 'in any order');
  assert.equal(isHeld([hold(50, 149), hold(150, 250)], span), false);
  assert.equal(isHeld([hold(101, 300)], span), false);
  assert.equal(isHeld([hold(0, 199)], span), false);
});

test('holds are shared where their times overlap, not where they touch', () => {
  const one = hold(100, 200);
  assert.equal(isShared([one], one), false, 'not with itself');
  assert.equal(isShared([one, hold(200, 300)], one), false);
  assert.equal(isShared([one, hold(199, 300)], one), true);
});

test('the newest footage stands first, and the list given is left as it was', () => {
  const list = [hold(100, 200), hold(300, 400, 1), hold(300, 350, 2)];
  const given = [...list];
  assert.deepEqual(toNewestFirst(list), [list[2], list[1], list[0]]);
  assert.deepEqual(list, given);
});
