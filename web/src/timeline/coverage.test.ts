import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  findGap,
  findNextFootageMs,
  findNextGap,
  findStretch,
  toCoverage,
  toGrown,
  toHoleNearMs,
  toRecordedMs,
  toStretches,
} from './coverage.ts';

const span = (fromMs: number, toMs: number, stream: 'main' | 'sub' = 'main', open = false) => ({
  stream,
  fromMs,
  toMs,
  open,
});

test('spans that touch become one stretch and holes stay', () => {
  assert.deepEqual(toStretches([span(2000, 3000), span(0, 2000), span(9000, 9500, 'main', true)]), [
    { fromMs: 0, toMs: 3000, open: false },
    { fromMs: 9000, toMs: 9500, open: true },
  ]);
});

test('main and small stream are kept apart and together', () => {
  const coverage = toCoverage({
    spans: [span(0, 1000), span(500, 5000, 'sub')],
    gaps: [{ fromMs: 5000, toMs: 6000, reason: 'power' }],
  });
  assert.equal(coverage.main[0]?.toMs, 1000);
  assert.equal(coverage.sub[0]?.fromMs, 500);
  assert.deepEqual(coverage.any, [{ fromMs: 0, toMs: 5000, open: false }]);
  assert.equal(findGap(coverage, 5500)?.reason, 'power');
  assert.equal(findGap(coverage, 6000), undefined);
});

test('a click into a hole leads to the next footage, a click behind the last to none', () => {
  const stretches = toStretches([span(0, 1000), span(5000, 6000)]);
  assert.equal(findNextFootageMs(stretches, 500), 500);
  assert.equal(findNextFootageMs(stretches, 1000), 5000);
  assert.equal(findNextFootageMs(stretches, 6000), undefined);
  assert.equal(findStretch(stretches, 1000), undefined);
});

test('what is being recorded grows with the clock, what is closed does not', () => {
  const coverage = toCoverage({ spans: [span(0, 1000), span(5000, 6000, 'main', true)], gaps: [] });
  const grown = toGrown(coverage, 9000);
  assert.deepEqual(
    grown.main.map(({ toMs }) => toMs),
    [1000, 9000],
  );
  assert.equal(coverage.main[1]?.toMs, 6000, 'the value given is not changed');
});

test('from a hole one comes to the one before and the one after', () => {
  const [one, other] = [
    { fromMs: 1000, toMs: 2000, reason: 'power' as const },
    { fromMs: 5000, toMs: 6000, reason: 'network' as const },
  ];
  const coverage = toCoverage({ spans: [], gaps: [one, other] });
  assert.equal(findNextGap(coverage, 0, 'after'), one);
  assert.equal(findNextGap(coverage, one.fromMs, 'after'), other);
  assert.equal(findNextGap(coverage, other.fromMs, 'before'), one);
  assert.equal(findNextGap(coverage, one.fromMs, 'before'), undefined);
});

test('recorded time counts only what lies inside', () => {
  assert.equal(toRecordedMs(toStretches([span(0, 1000), span(5000, 6000)]), { fromMs: 500, toMs: 5200 }), 700);
});

test('a finger beside a hole means the hole, the nearest one, and none that is no loss', () => {
  const coverage = toCoverage({
    spans: [span(0, 1000), span(1100, 5000)],
    gaps: [
      { fromMs: 1000, toMs: 1100, reason: 'power' },
      { fromMs: 1700, toMs: 1710, reason: 'network' },
      { fromMs: 5000, toMs: 9000, reason: 'no-event' },
    ],
  });
  const near = (wallMs: number) => toHoleNearMs(coverage, wallMs, 500);
  assert.deepEqual([near(600), near(1050), near(1300), near(1500)], [1000, 1050, 1099, 1700]);
  assert.deepEqual([near(400), near(4800), near(6000)], [400, 4800, 6000]);
});
