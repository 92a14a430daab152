/** One figure: labels and a value. */
export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

/** How often something took how long: one count per bound and one beyond the last; not cumulative. */
export type HistogramSample = {
  readonly labels?: Readonly<Record<string, string>>;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
};

/** What a metric is, told without figures: reference pages are made of these. Names carry their unit. */
export type MetricDescription = {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  /** Names of its labels. */
  readonly labels: readonly string[];
};

/** A metric with its figures. */
export type Metric = MetricDescription & { readonly samples: readonly Sample[] | readonly HistogramSample[] };

/** Media type of what `writeExposition` gives. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Metrics as Prometheus text, version 0.0.4. Metrics without figures are left out; a value that is no number is `NaN`. Throws `TypeError` for a
 * name or label that the format does not have.
 * @see Prometheus "Exposition formats", text-based format
 */
export function writeExposition(metrics: readonly Metric[]): string {
  return metrics.map(writeMetric).join('');
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const labelPattern = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function writeMetric({ name, type, help, samples }: Metric): string {
  if (!namePattern.test(name)) throw new TypeError(`Expected the name of a metric, got ${JSON.stringify(name)}`);
  if (samples.length === 0) return '';
  const head = `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n`;
  const lines = samples.map((sample) =>
    'bounds' in sample ? writeHistogram(name, sample) : writeLine(name, sample.labels, sample.value),
  );
  return head + lines.join('');
}

function writeHistogram(name: string, { labels = {}, bounds, counts, sum }: HistogramSample): string {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const bound = bounds[index];
    return writeLine(`${name}_bucket`, { ...labels, le: bound === undefined ? '+Inf' : String(bound) }, total);
  });
  return `${buckets.join('')}${writeLine(`${name}_sum`, labels, sum)}${writeLine(`${name}_count`, labels, total)}`;
}

function writeLine(name: string, labels: Sample['labels'] = {}, value: number): string {
  const list = Object.entries(labels).map(([key, text]) => {
    if (!labelPattern.test(key)) throw new TypeError(`Expected the name of a label, got ${JSON.stringify(key)}`);
    return `${key}="${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
  });
  return `${name}${list.length > 0 ? `{${list.join(',')}}` : ''} ${writeValue(value)}\n`;
}

function writeValue(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
