/** One line of figures. */
export type ParsedSample = {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
};
export type ParsedMetric = { readonly type: string; readonly help: string; readonly samples: ParsedSample[] };

const typeLine = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/;
const helpLine = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/i;
const labelPart = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/**
 * Reads Prometheus text (0.0.4) strictly: HELP, then TYPE, then figures of that metric and no other; no metric and no figure twice; histograms
 * that grow, end with `+Inf` and agree with their count; counters that are not negative and end in `_total`. Throws `TypeError` with the line.
 */
export function parseExposition(text: string): ReadonlyMap<string, ParsedMetric> {
  const metrics = new Map<string, ParsedMetric>();
  const seen = new Set<string>();
  let current: { name: string; help: string; metric: ParsedMetric | undefined } | undefined;
  const fail = (line: string, why: string): never => {
    throw new TypeError(`${why}: ${line}`);
  };
  if (text !== '' && !text.endsWith('\n')) fail(text.slice(-40), 'The last line does not end');
  for (const line of text.split('\n').slice(0, -1)) {
    const help = helpLine.exec(line);
    const type = typeLine.exec(line);
    if (help) {
      const name = help[1]!;
      if (metrics.has(name)) fail(line, 'A metric comes twice');
      current = { name, help: help[2]!, metric: undefined };
    } else if (type) {
      if (!current || current.name !== type[1] || current.metric) return fail(line, 'TYPE without its HELP before it');
      const metric: ParsedMetric = { type: type[2]!, help: current.help, samples: [] };
      if (metric.type === 'counter' && !current.name.endsWith('_total')) fail(line, 'A counter ends in _total');
      current.metric = metric;
      metrics.set(current.name, metric);
    } else {
      if (!current?.metric) return fail(line, 'Neither HELP, TYPE nor a figure of a metric');
      const sample = parseSample(line, fail);
      if (!belongs(sample.name, current.name, current.metric.type)) fail(line, 'A figure of another metric');
      const key = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
      if (seen.has(key)) fail(line, 'A figure comes twice');
      seen.add(key);
      if (current.metric.type === 'counter' && !(sample.value >= 0)) fail(line, 'A counter is not negative');
      current.metric.samples.push(sample);
    }
  }
  for (const [name, metric] of metrics) if (metric.type === 'histogram') checkHistogram(name, metric, fail);
  return metrics;
}

type Fail = (line: string, why: string) => never;

function parseSample(line: string, fail: Fail): ParsedSample {
  const match = sampleLine.exec(line);
  if (!match) return fail(line, 'Not a figure');
  const [, name = '', list, value = ''] = match;
  const labels: Record<string, string> = {};
  labelPart.lastIndex = 0;
  while (list !== undefined && list !== '' && labelPart.lastIndex < list.length) {
    const part = labelPart.exec(list);
    if (!part) return fail(line, 'Not a list of labels');
    const [, key = '', text = ''] = part;
    if (Object.hasOwn(labels, key)) fail(line, 'A label comes twice');
    labels[key] = text.replaceAll(/\\([\\"n])/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));
  }
  return { name, labels, value: value.endsWith('Inf') ? Number(`${value}inity`) : Number(value) };
}

function belongs(sample: string, metric: string, type: string): boolean {
  if (type !== 'histogram') return sample === metric;
  return [`${metric}_bucket`, `${metric}_sum`, `${metric}_count`].includes(sample);
}

function checkHistogram(name: string, { samples }: ParsedMetric, fail: Fail): void {
  const groups = new Map<string, { buckets: [number, number][]; count?: number; sum?: number }>();
  for (const { name: of, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(Object.entries(rest).sort());
    const group = groups.get(key) ?? { buckets: [] };
    groups.set(key, group);
    if (of.endsWith('_bucket')) group.buckets.push([le === '+Inf' ? Infinity : Number(le), value]);
    else if (of.endsWith('_count')) group.count = value;
    else group.sum = value;
  }
  for (const { buckets, count, sum } of groups.values()) {
    const grows = buckets.every(
      ([bound, value], index) => index === 0 || (bound > buckets[index - 1]![0] && value >= buckets[index - 1]![1]),
    );
    const last = buckets.at(-1);
    if (!grows || last?.[0] !== Infinity) fail(name, 'Buckets do not grow up to +Inf');
    if (last?.[1] !== count || sum === undefined) fail(name, 'Buckets, sum and count do not agree');
  }
}
