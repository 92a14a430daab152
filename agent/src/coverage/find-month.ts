import { toOffsetMinutes } from '@porchlight/contract/recording-plan';
import type { CoverageDay, CoverageMonth, GapReason, Recordings } from '@porchlight/contract/recordings';
import { measureCoverage, toPercent } from './measure-coverage.ts';

export type MonthQuestion = {
  /** `YYYY-MM`. */
  readonly month: string;
  /** IANA name of the zone whose days are meant. */
  readonly timeZone: string;
  readonly nowMs: number;
  readonly findSpans: (fromMs: number, toMs: number) => Recordings;
};

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** The days of a month so far, each with what is recorded and what is missing. */
export function findMonth({ month, timeZone, nowMs, findSpans }: MonthQuestion): CoverageMonth {
  const firstMs = Date.parse(`${month}-01T00:00:00Z`);
  const days: CoverageDay[] = [];
  const missingMs: Partial<Record<GapReason, number>> = {};
  let recordedMs = 0;
  for (let utcMs = firstMs; toName(utcMs).startsWith(month); utcMs += dayMs) {
    const fromMs = toMidnightMs(utcMs, timeZone);
    const toMs = Math.min(toMidnightMs(utcMs + dayMs, timeZone), nowMs);
    if (toMs <= fromMs) break;
    const { percent, ...sum } = measureCoverage(findSpans(fromMs, toMs), { fromMs, toMs });
    days.push({ day: toName(utcMs), fromMs, toMs, ...sum, ...(percent === undefined ? {} : { percent }) });
    recordedMs += sum.recordedMs;
    for (const [reason, ms] of Object.entries(sum.missingMs) as [GapReason, number][])
      missingMs[reason] = (missingMs[reason] ?? 0) + ms;
  }
  const percent = toPercent(recordedMs, missingMs);
  return { month, timeZone, days, recordedMs, missingMs, ...(percent === undefined ? {} : { percent }) };
}

const toName = (utcMs: number): string => new Date(utcMs).toISOString().slice(0, 10);

/** When the day begins whose midnight UTC this would be; where the clock skips midnight, when it goes on. */
function toMidnightMs(utcMs: number, timeZone: string): number {
  const guessMs = utcMs - toOffsetMinutes(timeZone, utcMs) * minuteMs;
  const before = toOffsetMinutes(timeZone, guessMs - 1);
  const at = toOffsetMinutes(timeZone, guessMs);
  const exactMs = utcMs - at * minuteMs;
  return at > before && exactMs < guessMs ? guessMs : exactMs;
}
