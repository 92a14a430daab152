/** A plan's modes through the week. Pure; wall times in milliseconds UTC, zones as IANA names. */
import { minutesPerDay, weekdays, type RecordingMode, type StreamPlan } from './recording-plan.ts';

const minuteMs = 60_000;
/** Since 1973 every zone has changed its offset at a whole quarter of an hour UTC. */
const quarterMs = 15 * minuteMs;
const minutesPerWeek = 7 * minutesPerDay;
/** A week, and a day for a clock that was put back. */
const searchMs = 8 * minutesPerDay * minuteMs;
const mostKnown = 4096;

type Zone = { readonly format: Intl.DateTimeFormat; readonly offsets: Map<number, number> };
const zones = new Map<string, Zone>();

function openZone(timeZone: string | undefined): Zone {
  const key = timeZone ?? '';
  let zone = zones.get(key);
  if (zone === undefined) {
    const format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      ...(timeZone === undefined ? {} : { timeZone }),
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', hourCycle: 'h23' },
    });
    zones.set(key, (zone = { format, offsets: new Map() }));
  }
  return zone;
}

/** Minutes that the clock on the wall is ahead of UTC. Remembered by the quarter of an hour: asking `Intl` is slow. */
export function toOffsetMinutes(timeZone: string | undefined, wallMs: number): number {
  const { format, offsets } = openZone(timeZone);
  const quarter = Math.floor(wallMs / quarterMs);
  const known = offsets.get(quarter);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(
    format.formatToParts(quarter * quarterMs).map(({ type, value }) => [type, Number(value)]),
  ) as Record<'year' | 'month' | 'day' | 'hour' | 'minute', number>;
  const localMs = Date.UTC(parts.year, parts.month - 1, parts.day, parts.hour, parts.minute);
  const offset = Math.round((localMs - quarter * quarterMs) / minuteMs);
  if (offsets.size >= mostKnown) offsets.clear();
  offsets.set(quarter, offset);
  return offset;
}

/** Minutes since Monday 00:00 on the wall's clock. */
export function toMinuteOfWeek(timeZone: string | undefined, wallMs: number): number {
  const localMinute = Math.floor(wallMs / minuteMs) + toOffsetMinutes(timeZone, wallMs);
  // 1 January 1970 was a Thursday.
  return (((localMinute + 3 * minutesPerDay) % minutesPerWeek) + minutesPerWeek) % minutesPerWeek;
}

/** The mode at a minute of the week. */
export function toModeOfMinute({ mode, periods }: StreamPlan, minuteOfWeek: number): RecordingMode {
  const day = weekdays[Math.floor(minuteOfWeek / minutesPerDay)];
  const minute = minuteOfWeek % minutesPerDay;
  const period = periods.find((each) => each.day === day && each.fromMinute <= minute && minute < each.toMinute);
  return period?.mode ?? mode;
}

/**
 * The mode at a time. What the clock on the wall shows decides: an hour that a day lacks never comes, an hour that it has twice
 * counts twice.
 */
export function findMode(plan: StreamPlan, timeZone: string | undefined, wallMs: number): RecordingMode {
  return plan.periods.length === 0 ? plan.mode : toModeOfMinute(plan, toMinuteOfWeek(timeZone, wallMs));
}

/** When the mode next differs from what it is at a time; undefined when it never does. */
export function findNextChange(
  plan: StreamPlan,
  timeZone: string | undefined,
  wallMs: number,
): { readonly atMs: number; readonly mode: RecordingMode } | undefined {
  if (plan.periods.length === 0) return undefined;
  const now = findMode(plan, timeZone, wallMs);
  const edges = [
    ...new Set(plan.periods.flatMap(({ fromMinute, toMinute }) => [fromMinute, toMinute % minutesPerDay])),
  ];
  const startMs = Math.floor(wallMs / quarterMs) * quarterMs;
  for (let quarter = startMs; quarter < startMs + searchMs; quarter += quarterMs) {
    // Within a quarter the wall's clock runs evenly, so the mode changes at its start or where a period does.
    const local = toMinuteOfWeek(timeZone, quarter) % minutesPerDay;
    const inQuarter = edges.map((edge) => (edge - local + minutesPerDay) % minutesPerDay).filter((ahead) => ahead < 15);
    for (const ahead of [0, ...inQuarter.sort((a, b) => a - b)]) {
      const atMs = quarter + ahead * minuteMs;
      const mode = atMs > wallMs ? findMode(plan, timeZone, atMs) : now;
      if (mode !== now) return { atMs, mode };
    }
  }
  return undefined;
}
