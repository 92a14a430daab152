import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Recordings } from '@porchlight/contract/recordings';
import { findMonth, measureCoverage } from './index.ts';

const hourMs = 3_600_000;
const span = (fromMs: number, toMs: number, stream: 'main' | 'sub' = 'main') => ({ stream, fromMs, toMs, open: false });

test('recorded and missing are summed by reason, and what was not to be recorded lowers no share', () => {
  const recordings: Recordings = {
    spans: [span(400, 600), span(700, 1000)],
    gaps: [
      { fromMs: 0, toMs: 300, reason: 'not-yet-added' },
      { fromMs: 300, toMs: 400, reason: 'network' },
      { fromMs: 600, toMs: 700, reason: 'power' },
    ],
  };
  assert.deepEqual(measureCoverage(recordings, { fromMs: 0, toMs: 1000 }), {
    recordedMs: 500,
    missingMs: { 'not-yet-added': 300, network: 100, power: 100 },
    percent: 71.4,
  });
});

test('what the small stream has is not missing, and what both have counts once', () => {
  const recordings: Recordings = {
    spans: [span(0, 500), span(400, 800, 'sub')],
    gaps: [{ fromMs: 500, toMs: 1000, reason: 'network' }],
  };
  const { recordedMs, missingMs } = measureCoverage(recordings, { fromMs: 0, toMs: 1000 });
  assert.deepEqual([recordedMs, missingMs], [800, { network: 200 }]);
});

test('a day of which a moment is missing is never whole', () => {
  const recordings: Recordings = {
    spans: [span(0, 24 * hourMs - 300)],
    gaps: [{ fromMs: 24 * hourMs - 300, toMs: 24 * hourMs, reason: 'network' }],
  };
  assert.equal(measureCoverage(recordings, { fromMs: 0, toMs: 24 * hourMs }).percent, 99.9);
});

test('nothing that was to be recorded has no share', () => {
  const gaps: Recordings['gaps'] = [{ fromMs: 0, toMs: 1000, reason: 'no-event' }];
  assert.equal(measureCoverage({ spans: [], gaps }, { fromMs: 0, toMs: 1000 }).percent, undefined);
});

test('recorded and missing together never exceed the span, whatever overlaps', () => {
  const times = fc
    .tuple(fc.integer({ min: -500, max: 1500 }), fc.integer({ min: 1, max: 700 }))
    .map(([fromMs, length]) => ({ fromMs, toMs: fromMs + length }));
  fc.assert(
    fc.property(fc.array(times, { maxLength: 12 }), times, (spans, gap) => {
      const recordings: Recordings = {
        spans: spans.map(({ fromMs, toMs }) => span(fromMs, toMs)),
        gaps: [{ ...gap, reason: 'network' }],
      };
      const { recordedMs, missingMs } = measureCoverage(recordings, { fromMs: 0, toMs: 1000 });
      assert.ok(recordedMs >= 0 && recordedMs + (missingMs.network ?? 0) <= 1000);
    }),
  );
});

const whole = (fromMs: number, toMs: number): Recordings => ({ spans: [span(fromMs, toMs)], gaps: [] });
const late = Date.UTC(2030, 0, 1);

test('the days of a month are as long as the house has them and leave nothing out', () => {
  for (const [timeZone, month, day, hours] of [
    ['Europe/Berlin', '2026-10', '2026-10-25', 25],
    ['Europe/Berlin', '2026-03', '2026-03-29', 23],
    ['America/Santiago', '2026-09', '2026-09-06', 23],
    ['America/Havana', '2026-03', '2026-03-08', 23],
    ['Australia/Lord_Howe', '2026-10', '2026-10-04', 23.5],
    ['Asia/Kolkata', '2026-11', '2026-11-20', 24],
    ['UTC', '2028-02', '2028-02-29', 24],
  ] as const) {
    const { days, recordedMs } = findMonth({ month, timeZone, nowMs: late, findSpans: whole });
    const found = days.find((one) => one.day === day)!;
    assert.equal((found.toMs - found.fromMs) / hourMs, hours, `${timeZone} ${day}`);
    for (const [index, { fromMs }] of days.entries()) if (index > 0) assert.equal(fromMs, days[index - 1]!.toMs);
    assert.equal(recordedMs, days.at(-1)!.toMs - days[0]!.fromMs);
    const local = new Date(days[0]!.fromMs).toLocaleString('sv', { timeZone });
    assert.ok(local.startsWith(`${month}-01 00:00`), local);
  }
});

test('today ends now and days to come are left out', () => {
  const nowMs = Date.UTC(2026, 10, 3, 6);
  const { days, percent } = findMonth({ month: '2026-11', timeZone: 'UTC', nowMs, findSpans: whole });
  assert.deepEqual([days.length, days[2]!.day, days[2]!.toMs, percent], [3, '2026-11-03', nowMs, 100]);
  assert.deepEqual(findMonth({ month: '2026-12', timeZone: 'UTC', nowMs, findSpans: whole }).days, []);
});
