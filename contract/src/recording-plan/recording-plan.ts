import { z } from 'zod';

/** `continuous` keeps everything, `events` what triggers ask for with some seconds before and after, `off` nothing. */
export const recordingModeSchema = z.enum(['continuous', 'events', 'off']);
export type RecordingMode = z.infer<typeof recordingModeSchema>;

export const weekdaySchema = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
export type Weekday = z.infer<typeof weekdaySchema>;
/** Monday first. */
export const weekdays: readonly Weekday[] = weekdaySchema.options;

const dayNames: Readonly<Record<Weekday, string>> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
export const minutesPerDay = 1440;
/** Every half hour of a week could have its own. */
const mostPeriods = 336;

/**
 * A stretch of one weekday in which a stream has a mode of its own. Minutes of the clock on the wall, from midnight; `toMinute` is not part of it.
 * A night is two periods, one of each day.
 */
export const periodSchema = z
  .object({
    day: weekdaySchema,
    fromMinute: z
      .int()
      .min(0, 'A period starts at minute 0 of its day or later')
      .max(minutesPerDay - 1),
    toMinute: z
      .int()
      .min(1)
      .max(minutesPerDay, 'A period ends at minute 1440 of its day or sooner: split it at midnight'),
    mode: recordingModeSchema,
  })
  .meta({ id: 'RecordingPeriod' });
export type Period = z.infer<typeof periodSchema>;

/** `540` as `09:00`. */
export function toClockText(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

const toPeriodText = ({ day, fromMinute, toMinute }: Period): string =>
  `${dayNames[day]} ${toClockText(fromMinute)}–${toClockText(toMinute)}`;

/** Why these periods make no sense; undefined when they do. */
function findPeriodFault(periods: readonly Period[]): string | undefined {
  const backwards = periods.find(({ fromMinute, toMinute }) => toMinute <= fromMinute);
  if (backwards) return `${toPeriodText(backwards)} ends before it starts: split it at midnight`;
  for (const day of weekdays) {
    const ofDay = periods.filter((period) => period.day === day).sort((a, b) => a.fromMinute - b.fromMinute);
    const late = ofDay.findIndex((period, index) => index > 0 && period.fromMinute < ofDay[index - 1]!.toMinute);
    if (late > 0) return `${toPeriodText(ofDay[late - 1]!)} and ${toPeriodText(ofDay[late]!)} overlap: shorten one`;
  }
  return undefined;
}

/** How one stream is recorded: `mode`, and in the periods of the week theirs. */
export const streamPlanSchema = z
  .object({
    mode: recordingModeSchema,
    periods: z.array(periodSchema).max(mostPeriods, `A week has at most ${mostPeriods} periods`).default([]),
  })
  .superRefine(({ periods }, context) => {
    const message = findPeriodFault(periods);
    if (message !== undefined) context.addIssue({ code: 'custom', message, path: ['periods'] });
  })
  .meta({ id: 'StreamPlan' });
export type StreamPlan = z.infer<typeof streamPlanSchema>;

/** Whether this machine knows an IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const defaultPlan: StreamPlan = { mode: 'continuous', periods: [] };

/**
 * How a camera is recorded. Periods are in `timeZone`, an IANA name; absent: the zone of the machine that records.
 * An event lasts from `preRollMs` before its first trigger to `postRollMs` after its last, at most `longestEventMs`.
 */
export const recordingPlanSchema = z
  .object({
    main: streamPlanSchema.default(defaultPlan),
    sub: streamPlanSchema.default(defaultPlan),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, 'This time zone is not known: give one such as Europe/Berlin')
      .optional(),
    preRollMs: z.int().min(0).max(60_000, 'At most 60 seconds before a trigger can be kept').default(10_000),
    postRollMs: z
      .int()
      .min(1000, 'At least 1 second after a trigger is recorded')
      .max(600_000, 'At most 10 minutes after a trigger are recorded')
      .default(20_000),
    longestEventMs: z
      .int()
      .min(10_000, 'An event may last at least 10 seconds')
      .max(3_600_000, 'An event lasts at most an hour')
      .default(600_000),
  })
  .superRefine(({ preRollMs, postRollMs, longestEventMs }, context) => {
    if (preRollMs + postRollMs <= longestEventMs) return;
    const message = 'The longest event is shorter than what is kept before and after one trigger: lengthen it';
    context.addIssue({ code: 'custom', message, path: ['longestEventMs'] });
  })
  .meta({ id: 'RecordingPlan' });
export type RecordingPlan = z.infer<typeof recordingPlanSchema>;

/** What a camera gets that nobody has decided about: everything is kept. */
export const defaultRecordingPlan: RecordingPlan = recordingPlanSchema.parse({});
