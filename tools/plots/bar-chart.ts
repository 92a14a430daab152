import { element, picture, width, widthOf, words } from './svg.ts';

export type Bar = { readonly label: string; readonly value: number; readonly own: boolean };

export type BarChart = {
  readonly title: string;
  readonly source: string;
  /** With its unit. */
  readonly valueLabel: string;
  readonly bars: readonly Bar[];
  readonly bound?: { readonly label: string; readonly value: number };
};

const rowHeight = 30;
const barHeight = 18;
const top = 48;
const right = width - 80;

/** A round step that gives about five ticks up to a value. */
export function stepFor(most: number): number {
  const rough = most / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
}

/** Draws bars from zero, longest label's width left of them. */
export function drawBarChart(chart: BarChart): string {
  const { bars, bound } = chart;
  const left = 28 + Math.max(...bars.map(({ label }) => widthOf(label)));
  const bottom = top + bars.length * rowHeight;
  const most = Math.max(...bars.map(({ value }) => value), bound?.value ?? 0);
  const step = stepFor(most);
  const end = Math.ceil(most / step - 1e-9) * step;
  const xOf = (value: number): number => left + (value / end) * (right - left);
  const ticks = Array.from({ length: Math.round(end / step) + 1 }, (_, index) => index * step);
  const grid = ticks.flatMap((tick) => [
    element('line', { x1: xOf(tick), x2: xOf(tick), y1: top, y2: bottom, class: 'grid' }),
    words(xOf(tick), bottom + 16, String(Number(tick.toPrecision(6))), { anchor: 'middle' }),
  ]);
  const rows = bars.flatMap(({ label, value, own }, index) => {
    const y = top + index * rowHeight + rowHeight / 2;
    const shape = { x: left, y: y - barHeight / 2, width: xOf(value) - left, height: barHeight };
    return [
      words(left - 10, y, label, { anchor: 'end' }),
      element('rect', { ...shape, class: own ? 'own' : 'peer' }),
      words(xOf(value) + 6, y, String(Number(value.toPrecision(3)))),
    ];
  });
  const limit =
    bound === undefined
      ? []
      : [
          element('line', { x1: xOf(bound.value), x2: xOf(bound.value), y1: top - 6, y2: bottom, class: 'bound' }),
          words(xOf(bound.value), top - 12, bound.label, { anchor: 'end', class: 'bound-words' }),
        ];
  const axis = words((left + right) / 2, bottom + 38, chart.valueLabel, { anchor: 'middle' });
  return picture({ ...chart, height: bottom + 86, shapes: [...grid, ...rows, ...limit, axis] });
}
