import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openHysteresis, type Moment } from './index.ts';

const rule = { raiseAfterMs: 10_000, clearAfterMs: 20_000 };
const at = (seconds: number): Moment => ({ monotonicMs: seconds * 1000, wallMs: 1_800_000_000_000 + seconds * 1000 });

test('trouble is said when it has lasted, with the time of its first sign, and taken back when all has been well for long enough', () => {
  const line = openHysteresis(rule);
  line.note(false, at(1));
  assert.equal(line.settle(at(10)), undefined);
  assert.equal(line.settle(at(11)), 'raised');
  assert.equal(line.sinceMs, at(1).wallMs);
  assert.equal(line.settle(at(12)), undefined, 'once');
  line.note(true, at(30));
  assert.equal(line.settle(at(49)), undefined);
  assert.equal(line.wellSinceMs, at(30).wallMs);
  assert.equal(line.settle(at(50)), 'cleared');
  assert.equal(line.state, 'quiet');
});

test('a short spell of bad is never said', () => {
  const line = openHysteresis(rule);
  line.note(false, at(0));
  line.note(true, at(5));
  assert.equal(line.settle(at(15)), undefined, 'well for less than it takes to forget');
  assert.equal(line.settle(at(25)), 'dropped');
  assert.equal(line.state, 'quiet');
});

test('something that is bad again and again counts as one trouble, not as many', () => {
  const line = openHysteresis(rule);
  const told: string[] = [];
  for (let second = 0; second < 600; second++) {
    line.note(second % 8 < 3, at(second));
    const news = line.settle(at(second));
    if (news) told.push(news);
  }
  assert.deepEqual(told, ['raised']);
});

test('single events fade when they do not come again', () => {
  const line = openHysteresis({ raiseAfterMs: 0, clearAfterMs: 5000, fadesAfterMs: 10_000 });
  line.note(false, at(0));
  assert.equal(line.settle(at(0)), 'raised');
  line.note(false, at(8));
  assert.equal(line.settle(at(17)), undefined);
  assert.equal(line.settle(at(18)), 'cleared');
});

test('what was raised before goes on without being said again', () => {
  const line = openHysteresis(rule, at(0));
  assert.equal(line.settle(at(100)), undefined);
  line.note(true, at(100));
  assert.equal(line.settle(at(120)), 'cleared');
});

test('property: between two raises there is a clear, and nothing is raised before its time or cleared before its time', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 })), { maxLength: 200 }), (steps) => {
      const line = openHysteresis(rule);
      let second = 0;
      let raised = false;
      let lastBad = -1;
      let lastGood = -1;
      for (const [ok, pause] of steps) {
        second += pause;
        if (ok) lastGood = second;
        else lastBad = second;
        line.note(ok, at(second));
        const news = line.settle(at(second));
        if (news === 'raised') {
          assert.equal(raised, false);
          assert.equal(lastBad, second, 'raised by bad news only');
          assert.ok(at(second).wallMs - line.sinceMs! >= rule.raiseAfterMs);
          raised = true;
        } else if (news === 'cleared') {
          assert.equal(raised, true);
          assert.ok(lastGood > lastBad || lastGood === second);
          assert.ok((second - lastBad) * 1000 >= rule.clearAfterMs);
          raised = false;
        }
      }
    }),
  );
});
