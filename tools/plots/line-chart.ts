import { element, picture, width, words } from './svg.ts';

export type LinePoint = {
  readonly x: number;
  readonly y: number;
  /** Drawn hollow: a figure with a reservation. */
  readonly hollow?: boolean;
};

export type LineChart = {
  readonly title: string;
  readonly source: string;
  /** With their units. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly LinePoint[];
  /** A limit that is not to be crossed, as a function of x. */
  readonly bound?: { readonly label: string; at(x: number): number };
  /** What a hollow point means. */
  readonly hollowMeans: string;
};

const height = 420;
const area = { left: 78, right: width - 24, top: 48, bottom: height - 100 };
/** A straight law is a curve on logarithmic axes. */
const boundSteps = 40;

/** Powers of ten around all values, so that every value lies inside. */
export function decadesAround(values: readonly number[]): { from: number; to: number; ticks: readonly number[] } {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  const from = Math.floor(Math.min(...logs) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.max(...logs) - 1e-9));
  return { from, to, ticks: Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index)) };
}

const writeTick = (value: number): string =>
  value >= 1 ? String(Math.round(value)) : String(Number(value.toPrecision(1)));

/** Draws points on two logarithmic axes. */
export function drawLineChart(chart: LineChart): string {
  const { points, bound } = chart;
  const xs = points.map(({ x }) => x);
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  const boundLine =
    bound === undefined
      ? []
      : Array.from({ length: boundSteps + 1 }, (_, step) => {
          const x = least * (most / least) ** (step / boundSteps);
          return { x, y: bound.at(x) };
        });
  const xRange = decadesAround(xs);
  const yRange = decadesAround([...points, ...boundLine].map(({ y }) => y));
  const share = (value: number, range: typeof xRange): number =>
    (Math.log10(value) - range.from) / (range.to - range.from);
  const xOf = (x: number): number => area.left + share(x, xRange) * (area.right - area.left);
  const yOf = (y: number): number => area.bottom - share(y, yRange) * (area.bottom - area.top);
  const grid = [
    ...xRange.ticks.map((tick) =>
      element('line', { x1: xOf(tick), x2: xOf(tick), y1: area.top, y2: area.bottom, class: 'grid' }),
    ),
    ...yRange.ticks.map((tick) =>
      element('line', { x1: area.left, x2: area.right, y1: yOf(tick), y2: yOf(tick), class: 'grid' }),
    ),
    element('line', { x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom, class: 'axis' }),
    element('line', { x1: area.left, x2: area.left, y1: area.top, y2: area.bottom, class: 'axis' }),
  ];
  const labels = [
    ...xRange.ticks.map((tick) => words(xOf(tick), area.bottom + 16, writeTick(tick), { anchor: 'middle' })),
    ...yRange.ticks.map((tick) => words(area.left - 8, yOf(tick), writeTick(tick), { anchor: 'end' })),
    words((area.left + area.right) / 2, area.bottom + 36, chart.xLabel, { anchor: 'middle' }),
    element(
      'text',
      { 'text-anchor': 'middle', transform: `translate(18 ${(area.top + area.bottom) / 2}) rotate(-90)` },
      chart.yLabel,
    ),
  ];
  const path = (line: readonly LinePoint[]): string =>
    line.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${xOf(x).toFixed(1)} ${yOf(y).toFixed(1)}`).join(' ');
  const limit =
    bound === undefined
      ? []
      : [
          element('path', { d: path(boundLine), class: 'bound' }),
          words(area.left + 10, area.top + 14, `- - ${bound.label}`, { class: 'bound-words' }),
        ];
  const dots = points.flatMap(({ x, y, hollow }) => [
    element('circle', { cx: xOf(x), cy: yOf(y), r: 4, class: hollow ? 'own hollow' : 'own' }),
    words(xOf(x), yOf(y) - 14, String(Number(y.toPrecision(3))), { anchor: 'middle', class: 'value' }),
  ]);
  const note = points.some(({ hollow }) => hollow)
    ? [words(16, height - 32, `○ ${chart.hollowMeans}`, { class: 'quiet' })]
    : [];
  const line = element('path', { d: path(points), class: 'own line' });
  return picture({ ...chart, height, shapes: [...grid, ...limit, line, ...dots, ...labels, ...note] });
}
