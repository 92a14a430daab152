import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toFirstDay, toShiftedMonth, toWeeks } from './weeks.ts';

test('a month is weeks of seven days, in order, none left out', () => {
  for (const [month, firstDay, rows, days] of [
    ['2026-11', 1, 6, 30],
    ['2026-02', 1, 5, 28],
    ['2027-02', 1, 4, 28],
    ['2028-02', 7, 5, 29],
    ['2026-03', 7, 5, 31],
  ] as const) {
    const weeks = toWeeks(month, firstDay);
    assert.equal(weeks.length, rows, month);
    assert.ok(weeks.every((week) => week.length === 7));
    const names = weeks.flat().filter((day) => day !== undefined);
    assert.deepEqual(
      names,
      Array.from({ length: days }, (_, index) => `${month}-${String(index + 1).padStart(2, '0')}`),
    );
  }
  assert.equal(toWeeks('2026-11', 1)[0]!.indexOf('2026-11-01'), 6, 'a Sunday stands last where weeks begin on Monday');
  assert.equal(toWeeks('2026-11', 7)[0]!.indexOf('2026-11-01'), 0);
});

test('months are turned over years', () => {
  assert.deepEqual([toShiftedMonth('2026-12', 1), toShiftedMonth('2026-01', -1)], ['2027-01', '2025-12']);
});

test('weeks begin as the reader is used to', () => {
  assert.deepEqual([toFirstDay('de-DE'), toFirstDay('en-US')], [1, 7]);
});
