/** A week of modes, painted. In: periods and a stretch of days and minutes. Out: periods that make sense. Pure. */
import type { Period, RecordingMode, StreamPlan, Weekday } from '@porchlight/contract/recording-plan';

export const weekdays: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
export const minutesPerDay = 1440;
/** What one step on the grid is. */
export const stepMinutes = 30;

/** Days from one to another and minutes from one to another, as a finger draws it. */
export type Area = {
  readonly fromDay: number;
  readonly toDay: number;
  readonly fromMinute: number;
  readonly toMinute: number;
};

/** The plan with an area in another mode; the mode that the plan has anyway takes periods away. */
export function paint(plan: StreamPlan, area: Area, mode: RecordingMode): StreamPlan {
  const periods = weekdays.flatMap((day, index) => {
    const ofDay = plan.periods.filter((period) => period.day === day);
    if (index < area.fromDay || index > area.toDay) return ofDay;
    const cut = ofDay.flatMap((period): Period[] => [
      { ...period, toMinute: Math.min(period.toMinute, area.fromMinute) },
      { ...period, fromMinute: Math.max(period.fromMinute, area.toMinute) },
    ]);
    const { fromMinute, toMinute } = area;
    const added = mode === plan.mode ? [] : [{ day, fromMinute, toMinute, mode }];
    return join([...cut, ...added].filter((period) => period.toMinute > period.fromMinute));
  });
  return { ...plan, periods };
}

/** In order, and neighbours of one mode as one. */
function join(periods: readonly Period[]): Period[] {
  const joined: Period[] = [];
  for (const period of periods.toSorted((a, b) => a.fromMinute - b.fromMinute)) {
    const last = joined.at(-1);
    if (last?.mode === period.mode && last.toMinute === period.fromMinute)
      joined[joined.length - 1] = { ...last, toMinute: period.toMinute };
    else joined.push(period);
  }
  return joined;
}

/** The plan with another mode for the rest of the week; periods of that mode are taken away. */
export function toBase(plan: StreamPlan, mode: RecordingMode): StreamPlan {
  return { mode, periods: plan.periods.filter((period) => period.mode !== mode) };
}

/** The mode at a minute of a day. */
export function findModeAt({ mode, periods }: StreamPlan, day: number, minute: number): RecordingMode {
  const found = periods.find(
    (period) => period.day === weekdays[day] && period.fromMinute <= minute && minute < period.toMinute,
  );
  return found?.mode ?? mode;
}

/** Two corners of a drag, each a day and a step, as an area that holds both. */
export function toArea(one: Cell, other: Cell): Area {
  return {
    fromDay: Math.min(one.day, other.day),
    toDay: Math.max(one.day, other.day),
    fromMinute: Math.min(one.step, other.step) * stepMinutes,
    toMinute: (Math.max(one.step, other.step) + 1) * stepMinutes,
  };
}
export type Cell = { readonly day: number; readonly step: number };

/** Periods of the same time on several days as one line: first and last day of each stretch of days. */
export type Line = Omit<Period, 'day'> & { readonly days: readonly number[] };

export function toLines(periods: readonly Period[]): Line[] {
  const lines = new Map<string, { days: number[] } & Omit<Period, 'day'>>();
  for (const { day, ...rest } of periods) {
    const key = `${rest.fromMinute} ${rest.toMinute} ${rest.mode}`;
    const line = lines.get(key) ?? { ...rest, days: [] };
    line.days.push(weekdays.indexOf(day));
    lines.set(key, line);
  }
  return [...lines.values()].sort((a, b) => a.days[0]! - b.days[0]! || a.fromMinute - b.fromMinute);
}

/** The plan without a line of it. */
export function withoutLine(plan: StreamPlan, line: Line): StreamPlan {
  const { fromMinute, toMinute } = line;
  return line.days.reduce(
    (rest, day) => paint(rest, { fromDay: day, toDay: day, fromMinute, toMinute }, plan.mode),
    plan,
  );
}

/** `22:00` */
export const toTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
