import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultRecordingPlan,
  findMode,
  findNextChange,
  minutesPerDay,
  recordingPlanSchema,
  streamPlanSchema,
  toMinuteOfWeek,
  weekdays,
  type Period,
  type RecordingMode,
  type StreamPlan,
} from './index.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const berlin = 'Europe/Berlin';
/** Zones with and without summer time, of both hemispheres, off the whole hour, and one that skips half an hour. */
const zones = [
  'UTC',
  berlin,
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Pacific/Apia',
  'Asia/Tokyo',
];

const nightly: StreamPlan = {
  mode: 'events',
  periods: weekdays.flatMap((day): Period[] => [
    { day, fromMinute: 0, toMinute: 6 * 60, mode: 'continuous' },
    { day, fromMinute: 22 * 60, toMinute: minutesPerDay, mode: 'continuous' },
  ]),
};
const between = (fromMinute: number, toMinute: number): StreamPlan => ({
  mode: 'off',
  periods: [{ day: 'sun', fromMinute, toMinute, mode: 'continuous' }],
});
/** Minutes in which the mode is `continuous`, by asking at every minute. */
const countMinutes = (plan: StreamPlan, zone: string, fromMs: number, toMs: number): number => {
  let count = 0;
  for (let at = fromMs; at < toMs; at += minuteMs) if (findMode(plan, zone, at) === 'continuous') count++;
  return count;
};

test('continuous by night and events by day follow the clock on the wall, summer and winter', () => {
  const at = (text: string): RecordingMode => findMode(nightly, berlin, Date.parse(text));
  assert.equal(at('2026-01-15T21:59:00+01:00'), 'events');
  assert.equal(at('2026-01-15T22:00:00+01:00'), 'continuous');
  assert.equal(at('2026-01-16T05:59:59+01:00'), 'continuous');
  assert.equal(at('2026-01-16T06:00:00+01:00'), 'events');
  assert.equal(at('2026-07-15T21:59:00+02:00'), 'events');
  assert.equal(at('2026-07-15T22:00:00+02:00'), 'continuous');
});

test('a night in which the clock is put forward is an hour shorter, one in which it is put back an hour longer', () => {
  const night = (from: string, to: string): number => countMinutes(nightly, berlin, Date.parse(from), Date.parse(to));
  assert.equal(night('2026-03-28T12:00:00+01:00', '2026-03-29T12:00:00+02:00'), 7 * 60);
  assert.equal(night('2026-10-24T12:00:00+02:00', '2026-10-25T12:00:00+01:00'), 9 * 60);
  assert.equal(night('2026-06-01T12:00:00+02:00', '2026-06-02T12:00:00+02:00'), 8 * 60);
});

test('an hour that a day lacks never comes: a period in it is skipped, one that ends in it ends where the clock jumps', () => {
  const day: [string, number, number] = [
    berlin,
    Date.parse('2026-03-29T00:00:00+01:00'),
    Date.parse('2026-03-30T00:00:00+02:00'),
  ];
  assert.equal(countMinutes(between(120, 180), ...day), 0);
  assert.equal(countMinutes(between(60, 150), ...day), 60);
  assert.equal(countMinutes(between(150, 240), ...day), 60);
  const next = findNextChange(between(150, 240), berlin, day[1]);
  assert.deepEqual(next, { atMs: Date.parse('2026-03-29T03:00:00+02:00'), mode: 'continuous' });
});

test('an hour that a day has twice counts twice', () => {
  const fromMs = Date.parse('2026-10-25T00:00:00+02:00');
  const toMs = Date.parse('2026-10-26T00:00:00+01:00');
  assert.equal(toMs - fromMs, 25 * hourMs);
  assert.equal(countMinutes(between(120, 180), berlin, fromMs, toMs), 120);
  assert.equal(countMinutes(between(150, 165), berlin, fromMs, toMs), 30);
  const plan = between(150, 165);
  const edges: string[] = [];
  for (let at = fromMs; at < toMs;) {
    const change = findNextChange(plan, berlin, at);
    if (!change || change.atMs >= toMs) break;
    edges.push(new Date(change.atMs).toISOString().slice(11, 16));
    at = change.atMs;
  }
  assert.deepEqual(edges, ['00:30', '00:45', '01:30', '01:45']);
});

test('in a zone without summer time every week is alike', () => {
  for (const zone of ['UTC', 'Asia/Tokyo', 'Asia/Kathmandu'])
    for (const month of [2, 9])
      assert.equal(
        countMinutes(nightly, zone, Date.UTC(2026, month, 20), Date.UTC(2026, month, 27)),
        7 * 8 * 60,
        `${zone} ${month}`,
      );
});

test('a plan without periods never changes, and a period of the mode around it is no change', () => {
  assert.equal(findNextChange({ mode: 'events', periods: [] }, berlin, 0), undefined);
  const same: StreamPlan = { mode: 'off', periods: [{ day: 'mon', fromMinute: 0, toMinute: 60, mode: 'off' }] };
  assert.equal(findNextChange(same, berlin, Date.UTC(2026, 5, 1)), undefined);
});

test('minutes of the week start with Monday midnight', () => {
  assert.equal(toMinuteOfWeek('UTC', Date.UTC(2026, 10, 16)), 0);
  assert.equal(toMinuteOfWeek('UTC', Date.UTC(2026, 10, 22, 23, 59)), 7 * minutesPerDay - 1);
  assert.equal(toMinuteOfWeek('Asia/Kathmandu', Date.UTC(2026, 10, 15, 18, 15)), 0);
});

/** Plans that make sense: each day cut at a few minutes, some pieces with a mode of their own. */
const plans = fc
  .record({
    mode: fc.constantFrom<RecordingMode>('continuous', 'events', 'off'),
    days: fc.array(
      fc.record({
        cuts: fc.uniqueArray(fc.integer({ min: 0, max: minutesPerDay }), { maxLength: 6 }),
        modes: fc.array(fc.constantFrom<RecordingMode>('continuous', 'events', 'off'), { minLength: 6, maxLength: 6 }),
      }),
      { minLength: 7, maxLength: 7 },
    ),
  })
  .map(({ mode, days }): StreamPlan => {
    const periods = days.flatMap(({ cuts, modes }, day) => {
      const sorted = cuts.toSorted((a, b) => a - b);
      return sorted.slice(1).flatMap((toMinute, index): Period[] => {
        const period = { day: weekdays[day]!, fromMinute: sorted[index]!, toMinute, mode: modes[index]! };
        return index % 2 === 0 ? [period] : [];
      });
    });
    return { mode, periods };
  });
const times = fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2028, 0, 1) });

test('the next change is when the mode first differs, whatever the plan, the zone and the time', () => {
  fc.assert(
    fc.property(
      plans,
      fc.constantFrom(...zones),
      times,
      fc.array(fc.double({ min: 0, max: 1, noNaN: true })),
      (...given) => {
        const [plan, zone, atMs, shares] = given;
        assert.ok(streamPlanSchema.safeParse(plan).success);
        const now = findMode(plan, zone, atMs);
        const change = findNextChange(plan, zone, atMs);
        const untilMs = change?.atMs ?? atMs + 7 * 24 * hourMs;
        for (const share of [0, 1, ...shares]) {
          const between = Math.floor(atMs + share * (untilMs - 1 - atMs));
          assert.equal(findMode(plan, zone, between), now);
        }
        if (!change) return;
        assert.ok(change.atMs > atMs);
        assert.notEqual(change.mode, now);
        assert.equal(findMode(plan, zone, change.atMs), change.mode);
        assert.equal(findMode(plan, zone, change.atMs - 1), now);
      },
    ),
    { numRuns: 300 },
  );
});

test('walking from change to change meets every mode that asking each minute meets', () => {
  fc.assert(
    fc.property(plans, fc.constantFrom(...zones), fc.constantFrom(2, 3, 9, 10), (plan, zone, month) => {
      const fromMs = Date.UTC(2026, month, 24);
      const toMs = fromMs + 12 * 24 * hourMs;
      let next = findNextChange(plan, zone, fromMs);
      let mode = findMode(plan, zone, fromMs);
      for (let at = fromMs; at < toMs; at += 5 * minuteMs) {
        for (; next && next.atMs <= at; next = findNextChange(plan, zone, next.atMs)) mode = next.mode;
        assert.equal(findMode(plan, zone, at), mode, `${zone} ${new Date(at).toISOString()}`);
      }
    }),
    { numRuns: 15 },
  );
});

test('a plan that makes no sense is refused with the reason', () => {
  const refused = (plan: unknown): string => {
    const parsed = recordingPlanSchema.safeParse(plan);
    assert.ok(!parsed.success);
    return parsed.error.issues[0]!.message;
  };
  const period = (fromMinute: number, toMinute: number, day = 'mon'): unknown => ({
    day,
    fromMinute,
    toMinute,
    mode: 'off',
  });
  const main = (...periods: unknown[]): unknown => ({ main: { mode: 'continuous', periods } });
  assert.match(refused(main(period(600, 540))), /Monday 10:00–09:00 ends before it starts: split it at midnight/);
  assert.match(refused(main(period(480, 720), period(600, 840))), /Monday 08:00–12:00 and Monday 10:00–14:00 overlap/);
  assert.match(refused(main(period(0, 1441))), /split it at midnight/);
  assert.match(refused({ timeZone: 'Mars/Olympus' }), /time zone is not known/);
  assert.match(refused({ preRollMs: 60_000, postRollMs: 600_000 }), /longest event is shorter/);
  assert.match(refused({ preRollMs: 61_000 }), /60 seconds/);
  assert.ok(recordingPlanSchema.safeParse(main(period(480, 720), period(720, 840), period(480, 720, 'tue'))).success);
  assert.equal(defaultRecordingPlan.main.mode, 'continuous');
});

test('any value is a plan or is refused, and a plan parses to itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.record({ main: plans, preRollMs: fc.integer() })), (value) => {
      const parsed = recordingPlanSchema.safeParse(value);
      if (parsed.success) assert.deepEqual(recordingPlanSchema.parse(parsed.data), parsed.data);
    }),
  );
});
