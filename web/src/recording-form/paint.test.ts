import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecordingMode, StreamPlan } from '@porchlight/contract/recording-plan';
import { findMode, streamPlanSchema, toModeOfMinute } from '@porchlight/contract/recording-plan';
import fc from 'fast-check';
import { findModeAt, minutesPerDay, paint, toArea, toBase, toLines, withoutLine, type Area } from './paint.ts';

const always: StreamPlan = { mode: 'continuous', periods: [] };
const area = (fromDay: number, toDay: number, fromMinute: number, toMinute: number): Area => ({
  fromDay,
  toDay,
  fromMinute,
  toMinute,
});
const modes = fc.constantFrom<RecordingMode>('continuous', 'events', 'off');
const areas = fc
  .tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), fc.nat(47), fc.nat(47))
  .map(([oneDay, otherDay, one, other]) => toArea({ day: oneDay, step: one }, { day: otherDay, step: other }));

test('whatever is painted makes a plan that the house takes, with the mode where it was painted and what was there elsewhere', () => {
  fc.assert(
    fc.property(modes, fc.array(fc.tuple(areas, modes), { maxLength: 12 }), (mode, strokes) => {
      let plan: StreamPlan = { mode, periods: [] };
      for (const [where, brush] of strokes) {
        const before = plan;
        plan = paint(plan, where, brush);
        const parsed = streamPlanSchema.safeParse(plan);
        assert.ok(parsed.success, JSON.stringify(parsed.error?.issues));
        for (let minute = 0; minute < 7 * minutesPerDay; minute += 15) {
          const day = Math.floor(minute / minutesPerDay);
          const ofDay = minute % minutesPerDay;
          const inside =
            day >= where.fromDay && day <= where.toDay && ofDay >= where.fromMinute && ofDay < where.toMinute;
          assert.equal(toModeOfMinute(plan, minute), inside ? brush : toModeOfMinute(before, minute));
          assert.equal(findModeAt(plan, day, ofDay), toModeOfMinute(plan, minute));
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a night is painted over all days at once, in two strokes, and read as two lines', () => {
  const plan = paint(paint(always, area(0, 6, 1320, 1440), 'events'), area(0, 6, 0, 360), 'events');
  assert.equal(plan.periods.length, 14);
  assert.deepEqual(
    toLines(plan.periods).map(({ days, fromMinute, toMinute }) => [days.length, fromMinute, toMinute]),
    [
      [7, 0, 360],
      [7, 1320, 1440],
    ],
  );
  assert.equal(findMode(plan, 'UTC', Date.UTC(2026, 5, 1, 23)), 'events');
  const rest = withoutLine(plan, toLines(plan.periods)[0]!);
  assert.ok(rest.periods.length === 7 && rest.periods.every(({ fromMinute }) => fromMinute === 1320));
});

test('painting with the mode of the rest rubs out; neighbours become one period; times off the grid are kept', () => {
  const plan: StreamPlan = {
    mode: 'continuous',
    periods: [{ day: 'tue', fromMinute: 475, toMinute: 620, mode: 'off' }],
  };
  assert.deepEqual(paint(plan, area(1, 1, 600, 660), 'off').periods, [
    { day: 'tue', fromMinute: 475, toMinute: 660, mode: 'off' },
  ]);
  assert.deepEqual(paint(plan, area(1, 1, 480, 600), 'continuous').periods, [
    { day: 'tue', fromMinute: 475, toMinute: 480, mode: 'off' },
    { day: 'tue', fromMinute: 600, toMinute: 620, mode: 'off' },
  ]);
  assert.deepEqual(toBase(plan, 'off'), { mode: 'off', periods: [] });
});
