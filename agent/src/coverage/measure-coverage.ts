import { calmReasons, type Gap, type GapReason, type Recordings } from '@porchlight/contract/recordings';

/** How much of a span is recorded by either stream, and what is missing, by reason. */
export type CoverageSum = {
  readonly recordedMs: number;
  readonly missingMs: Readonly<Partial<Record<GapReason, number>>>;
  /** 0 to 100, rounded down to a tenth; undefined when nothing was to be recorded. */
  readonly percent: number | undefined;
};

type Times = { readonly fromMs: number; readonly toMs: number };

/** Sums up a span. What the index cannot explain, such as the last moments not written yet, counts as neither. */
export function measureCoverage({ spans, gaps }: Recordings, span: Times): CoverageSum {
  const recorded = join(spans, span);
  const missingMs: Partial<Record<GapReason, number>> = {};
  for (const { reason, ...gap } of gaps) {
    const missing = toLengthMs(gap, span) - toOverlapMs(recorded, gap);
    if (missing > 0) missingMs[reason] = (missingMs[reason] ?? 0) + missing;
  }
  const recordedMs = recorded.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  return { recordedMs, missingMs, percent: toPercent(recordedMs, missingMs) };
}

/** Recorded share of what was to be recorded. Never 100 while anything is missing. */
export function toPercent(recordedMs: number, missingMs: CoverageSum['missingMs']): number | undefined {
  let lostMs = 0;
  for (const [reason, ms] of Object.entries(missingMs)) if (!calmReasons.has(reason as GapReason)) lostMs += ms;
  const wantedMs = recordedMs + lostMs;
  return wantedMs === 0 ? undefined : Math.floor((recordedMs * 1000) / wantedMs) / 10;
}

/** Spans of both streams, cut to the times and joined; by time. */
function join(spans: readonly Times[], { fromMs, toMs }: Times): Times[] {
  const joined: { fromMs: number; toMs: number }[] = [];
  for (const span of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const [start, end] = [Math.max(span.fromMs, fromMs), Math.min(span.toMs, toMs)];
    const last = joined.at(-1);
    if (end <= start) continue;
    if (last !== undefined && start <= last.toMs) last.toMs = Math.max(last.toMs, end);
    else joined.push({ fromMs: start, toMs: end });
  }
  return joined;
}

const toLengthMs = (one: Times, other: Times): number =>
  Math.max(0, Math.min(one.toMs, other.toMs) - Math.max(one.fromMs, other.fromMs));

const toOverlapMs = (recorded: readonly Times[], gap: Omit<Gap, 'reason'>): number =>
  recorded.reduce((sum, span) => sum + toLengthMs(span, gap), 0);
