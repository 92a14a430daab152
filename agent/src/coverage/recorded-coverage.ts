import type { GapRow, SpanRow, SegmentView } from '#index-store';
import type { StreamName } from '@porchlight/contract/camera';
import type { Gap, Recordings, Span } from '@porchlight/contract/recordings';

/** Shorter holes are not shown: two runs may meet within a picture's length. */
const leastGapMs = 250;
/** A recording that goes on is never quite up to now: what it has not flushed yet is no gap. */
const flushLagMs = 3_000;
/** A gap may be told slightly before the last picture's end. */
const slackMs = 2_000;
/** A camera that was added a moment ago is being connected to: until then it is not there yet. */
const connectMs = 30_000;

export type CoverageInput = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
  /** Runs by the index, and segments not yet in it. */
  readonly rows: readonly SpanRow[];
  readonly open: readonly SegmentView[];
  readonly camera: { readonly addedMs: number; readonly keptFromMs: number } | undefined;
  /** Reasons told for a stream within the times asked for, and the last one before, by time. */
  readonly listGaps: (stream: StreamName) => readonly GapRow[];
  /** Where the stream's footage last ended before the times asked for; 0 when there was none. */
  readonly findEndBefore: (stream: StreamName) => number;
};

/** What is recorded between two times, and for what is not: why. Spans are cut to the times asked for. */
export function toCoverage(input: CoverageInput): Recordings {
  const spans = toSpans(input);
  const stream: StreamName = spans.length > 0 && spans.every((span) => span.stream === 'sub') ? 'sub' : 'main';
  const gaps: Gap[] = [];
  let told: readonly GapRow[] | undefined;
  const add = (toMs: number): void => {
    told ??= input.listGaps(stream);
    const beganMs = at === input.fromMs ? input.findEndBefore(stream) : at;
    gaps.push(...explain({ input, told, beganMs }, { fromMs: at, toMs }));
  };
  let at = input.fromMs;
  for (const span of spans) {
    if (span.stream !== stream) continue;
    if (span.fromMs - at >= leastGapMs) add(span.fromMs);
    at = Math.max(at, span.toMs);
  }
  const endMs = Math.min(input.toMs, input.nowMs);
  const goesOn = spans.some((span) => span.stream === stream && span.open && span.toMs === at);
  if (endMs - at >= (goesOn ? flushLagMs : leastGapMs)) add(endMs);
  return { spans, gaps };
}

function toSpans({ fromMs, toMs, rows, open }: CoverageInput): Span[] {
  const runs = new Map<string, { stream: StreamName; startMs: number; endMs: number; open: boolean }>();
  const spans: Span[] = [];
  for (const row of rows) {
    // A run is in two rows where a file of it was lost; what is open goes on from the last.
    const key = `${row.stream} ${row.run}`;
    if (runs.has(key)) runs.set(`${key} ${row.startMs}`, runs.get(key)!);
    runs.set(key, { ...row, open: false });
  }
  for (const segment of open) {
    const key = `${segment.stream} ${segment.run}`;
    const run = runs.get(key);
    if (run === undefined) {
      const { stream, startMs, endMs } = segment;
      runs.set(key, { stream, startMs, endMs, open: segment.open });
    } else {
      run.startMs = Math.min(run.startMs, segment.startMs);
      run.endMs = Math.max(run.endMs, segment.endMs);
      run.open ||= segment.open;
    }
  }
  for (const run of runs.values()) {
    if (run.startMs >= toMs || run.endMs <= fromMs) continue;
    spans.push({
      stream: run.stream,
      fromMs: Math.max(run.startMs, fromMs),
      toMs: Math.min(run.endMs, toMs),
      open: run.open && run.endMs <= toMs,
    });
  }
  return spans.sort((a, b) => a.fromMs - b.fromMs || (a.stream < b.stream ? -1 : 1));
}

type Reasons = {
  readonly input: CoverageInput;
  readonly told: readonly GapRow[];
  /** When the hole truly began: it may be before the times asked for. */
  readonly beganMs: number;
};

/** One hole, cut up by reasons. */
function explain({ input, told, beganMs }: Reasons, hole: { fromMs: number; toMs: number }): Gap[] {
  const gaps: Gap[] = [];
  let at = hole.fromMs;
  const upTo = (toMs: number, reason: Gap['reason']): void => {
    const end = Math.min(Math.round(toMs), hole.toMs);
    if (end <= at) return;
    const last = gaps.at(-1);
    if (last?.reason === reason) gaps[gaps.length - 1] = { ...last, toMs: end };
    else gaps.push({ fromMs: at, toMs: end, reason });
    at = end;
  };
  const addedMs = input.camera?.addedMs ?? hole.toMs;
  upTo(addedMs, 'not-yet-added');
  const keptFromMs = input.camera?.keptFromMs ?? 0;
  // What was deleted had been there.
  if (beganMs <= addedMs && keptFromMs <= addedMs) upTo(toConnected(addedMs, told), 'not-yet-added');
  upTo(keptFromMs, 'retention');
  for (let index = findFirst(told, beganMs - slackMs); index < told.length; index++) {
    const gap = told[index]!;
    if (gap.fromMs >= hole.toMs) break;
    if (gap.fromMs - at >= slackMs) upTo(gap.fromMs, 'unknown');
    upTo(told[index + 1]?.fromMs ?? hole.toMs, gap.reason);
  }
  const last = gaps.at(-1);
  upTo(hole.toMs, last !== undefined && hole.toMs - at < leastGapMs ? last.reason : 'unknown');
  return gaps;
}

/** Until when nothing is expected of a new camera: the first trouble told, at most half a minute. */
function toConnected(addedMs: number, told: readonly GapRow[]): number {
  const first = told.find(({ fromMs }) => fromMs >= addedMs);
  return Math.min(addedMs + connectMs, first?.fromMs ?? Infinity);
}

/** Index of the first row at or after a time. */
function findFirst(rows: readonly GapRow[], atMs: number): number {
  let low = 0;
  for (let high = rows.length; low < high;) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.fromMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
