/** What is recorded of a day, as the timeline and the player ask it. In: spans and gaps of the API. Pure. */
import type { Gap, GapReason, Recordings, Span } from '@porchlight/contract/recordings';

/** A stretch with footage; `main` when the main stream covers it. */
export type Stretch = { readonly fromMs: number; readonly toMs: number; readonly open: boolean };

export type Coverage = {
  readonly main: readonly Stretch[];
  readonly sub: readonly Stretch[];
  /** Either stream. */
  readonly any: readonly Stretch[];
  readonly gaps: readonly Gap[];
};

const joinMs = 400;
const calm: ReadonlySet<GapReason> = new Set(['not-yet-added', 'no-event', 'clock-set']);

/** Nothing is missing that was wanted: left plain. */
export const isCalm = (reason: GapReason): boolean => calm.has(reason);

/** Joins spans that touch, so that a day is a handful of bars. */
export function toStretches(spans: readonly Span[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { fromMs, toMs, open } of spans.toSorted((one, other) => one.fromMs - other.fromMs)) {
    const last = stretches.at(-1);
    if (last && fromMs <= last.toMs + joinMs) {
      stretches[stretches.length - 1] = {
        fromMs: last.fromMs,
        toMs: Math.max(last.toMs, toMs),
        open: last.open || open,
      };
    } else stretches.push({ fromMs, toMs, open });
  }
  return stretches;
}

export function toCoverage({ spans, gaps }: Recordings): Coverage {
  return {
    main: toStretches(spans.filter(({ stream }) => stream === 'main')),
    sub: toStretches(spans.filter(({ stream }) => stream === 'sub')),
    any: toStretches(spans),
    gaps,
  };
}

/** The same at a later moment: what is being recorded has grown until then. */
export function toGrown(coverage: Coverage, nowMs: number): Coverage {
  const grow = (stretches: readonly Stretch[]): Stretch[] =>
    stretches.map((stretch) => (stretch.open && stretch.toMs < nowMs ? { ...stretch, toMs: nowMs } : stretch));
  return { ...coverage, main: grow(coverage.main), sub: grow(coverage.sub), any: grow(coverage.any) };
}

export const findStretch = (stretches: readonly Stretch[], wallMs: number): Stretch | undefined =>
  stretches.find(({ fromMs, toMs }) => fromMs <= wallMs && wallMs < toMs);

/** Where footage begins at or after a time: the time itself inside a stretch, the start of the next one outside. */
export function findNextFootageMs(stretches: readonly Stretch[], wallMs: number): number | undefined {
  if (findStretch(stretches, wallMs)) return wallMs;
  return stretches.find(({ fromMs }) => fromMs >= wallMs)?.fromMs;
}

export const findGap = (coverage: Coverage, wallMs: number): Gap | undefined =>
  coverage.gaps.find(({ fromMs, toMs }) => fromMs <= wallMs && wallMs < toMs);

/** The time itself, or one of a loss nearby: a finger cannot hit a hole of a few pixels. */
export function toHoleNearMs(coverage: Coverage, wallMs: number, withinMs: number): number {
  if (findGap(coverage, wallMs)) return wallMs;
  const distance = ({ fromMs, toMs }: Gap): number => Math.max(fromMs - wallMs, wallMs - toMs);
  const near = coverage.gaps.filter((gap) => !isCalm(gap.reason) && distance(gap) <= withinMs);
  const [gap] = near.toSorted((one, other) => distance(one) - distance(other));
  return gap ? Math.min(Math.max(wallMs, gap.fromMs), gap.toMs - 1) : wallMs;
}

/** The hole that ends before a time, or begins after it. */
export function findNextGap(coverage: Coverage, wallMs: number, direction: 'before' | 'after'): Gap | undefined {
  if (direction === 'before') return coverage.gaps.findLast(({ toMs }) => toMs <= wallMs);
  return coverage.gaps.find(({ fromMs }) => fromMs > wallMs);
}

/** How much of a span has footage. */
export function toRecordedMs(stretches: readonly Stretch[], span: { fromMs: number; toMs: number }): number {
  return stretches.reduce(
    (sum, { fromMs, toMs }) => sum + Math.max(0, Math.min(toMs, span.toMs) - Math.max(fromMs, span.fromMs)),
    0,
  );
}
