import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import fc from 'fast-check';
import { toClamped, toFirstView, toFollowing, toMoved, toTicks, toWallMs, toX, toZoomed } from './scale.ts';
import { isDay, toDay, toDayBounds, toShiftedDay } from './zone.ts';

const hourMs = 3_600_000;

describe('days in Berlin, where clocks change', () => {
  before(() => {
    process.env['TZ'] = 'Europe/Berlin';
  });

  test('the day that clocks go back has 25 hours and the day they go forward 23', () => {
    const length = (day: string) => (toDayBounds(day).toMs - toDayBounds(day).fromMs) / hourMs;
    assert.deepEqual([length('2026-10-25'), length('2026-03-29'), length('2026-11-20')], [25, 23, 24]);
  });

  test('going a day on and back crosses months, years and clock changes', () => {
    assert.equal(toShiftedDay('2026-10-25', 1), '2026-10-26');
    assert.equal(toShiftedDay('2026-10-25', -1), '2026-10-24');
    assert.equal(toShiftedDay('2026-12-31', 1), '2027-01-01');
    assert.equal(toShiftedDay('2028-02-28', 1), '2028-02-29');
  });

  test('a time just before midnight is of its own day', () => {
    const { fromMs, toMs } = toDayBounds('2026-10-25');
    assert.deepEqual([toDay(fromMs), toDay(toMs - 1), toDay(toMs)], ['2026-10-25', '2026-10-25', '2026-10-26']);
  });

  test('the hour that comes twice is drawn twice', () => {
    const bounds = toDayBounds('2026-10-25');
    const hours = toTicks(bounds, 2400, 60).filter(({ major }) => major);
    const labels = hours.map(({ wallMs }) => new Date(wallMs).getHours());
    assert.equal(labels.filter((hour) => hour === 2).length, 2);
    assert.equal(hours.length, 26, 'both midnights included');
  });

  test('the hour that is lacking is not drawn', () => {
    const hours = toTicks(toDayBounds('2026-03-29'), 2400, 60).filter(({ major }) => major);
    assert.ok(!hours.some(({ wallMs }) => new Date(wallMs).getHours() === 2));
    assert.equal(hours.length, 24);
  });

  test('what is no day of the calendar is refused', () => {
    for (const text of ['', '2026-02-30', '2026-13-01', 'today', '2026-1-1']) assert.equal(isDay(text), false, text);
    assert.ok(isDay('2026-02-28'));
  });
});

test('ticks in a zone half an hour off lie on local hours', () => {
  process.env['TZ'] = 'Asia/Kolkata';
  const ticks = toTicks(toDayBounds('2026-11-20'), 2400, 60).filter(({ major }) => major);
  assert.ok(ticks.length >= 24);
  for (const { wallMs } of ticks) assert.equal(new Date(wallMs).getMinutes(), 0);
  process.env['TZ'] = 'Europe/Berlin';
});

const bounds = { fromMs: 1_000_000_000, toMs: 1_000_000_000 + 24 * hourMs };
const anyView = fc
  .tuple(fc.integer({ min: 0, max: 23 * hourMs }), fc.integer({ min: 60_000, max: hourMs }))
  .map(([at, length]) => ({ fromMs: bounds.fromMs + at, toMs: bounds.fromMs + at + length }));

test('a place and its time lead to each other', () => {
  fc.assert(
    fc.property(anyView, fc.integer({ min: 0, max: 1000 }), (view, xPx) => {
      assert.ok(Math.abs(toX(view, 1000, toWallMs(view, 1000, xPx)) - xPx) < 0.02);
    }),
  );
});

test('zooming and moving never leave the day and never come closer than a minute', () => {
  fc.assert(
    fc.property(
      anyView,
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.integer({ min: -9e7, max: 9e7 }),
      (view, factor, byMs) => {
        const anchorMs = (view.fromMs + view.toMs) / 2;
        for (const next of [
          toZoomed(view, bounds, { factor, anchorMs }),
          toMoved(view, bounds, byMs),
          toClamped(view, bounds),
        ]) {
          assert.ok(next.fromMs >= bounds.fromMs && next.toMs <= bounds.toMs + 1);
          assert.ok(next.toMs - next.fromMs >= 59_999);
        }
      },
    ),
  );
});

test('zooming keeps the time under the pointer in its place', () => {
  const view = { fromMs: bounds.fromMs + 5 * hourMs, toMs: bounds.fromMs + 9 * hourMs };
  const anchorMs = bounds.fromMs + 6 * hourMs;
  const closer = toZoomed(view, bounds, { factor: 0.5, anchorMs });
  assert.equal(Math.round(toX(view, 1000, anchorMs)), Math.round(toX(closer, 1000, anchorMs)));
});

test('a playhead that runs out of sight is followed, one in sight is left alone', () => {
  const view = { fromMs: bounds.fromMs, toMs: bounds.fromMs + hourMs };
  assert.equal(toFollowing(view, bounds, bounds.fromMs + hourMs / 2), view);
  const next = toFollowing(view, bounds, bounds.fromMs + hourMs + 1);
  assert.ok(next.fromMs < bounds.fromMs + hourMs + 1 && next.toMs > bounds.fromMs + hourMs + 1);
});

test('a camera added a moment ago is shown close, one that has recorded all day is shown whole', () => {
  const nowMs = bounds.fromMs + 12 * hourMs;
  const close = toFirstView(bounds, nowMs - 120_000, nowMs);
  assert.equal(close.toMs - close.fromMs, 600_000);
  assert.ok(close.fromMs < nowMs - 120_000 && close.toMs > nowMs);
  assert.equal(toFirstView(bounds, bounds.fromMs, nowMs), bounds);
  assert.equal(toFirstView(bounds, undefined, nowMs), bounds);
});

test('labels have room at every zoom', () => {
  fc.assert(
    fc.property(anyView, fc.integer({ min: 300, max: 2500 }), (view, widthPx) => {
      const majors = toTicks(view, widthPx, 64).filter(({ major }) => major);
      for (let index = 1; index < majors.length; index++) {
        const before = majors[index - 1]?.wallMs ?? 0;
        assert.ok(((majors[index]?.wallMs ?? 0) - before) * (widthPx / (view.toMs - view.fromMs)) >= 63);
      }
    }),
  );
});
