/** What is recorded: spans and the gaps between them. Out: schemas and types. */
import { z } from 'zod';
import { streamNameSchema } from '#camera';
import { wallMsSchema } from '#ids';

/** One uninterrupted run of footage. `open` means it is still growing. */
export const spanSchema = z
  .object({ stream: streamNameSchema, fromMs: wallMsSchema, toMs: wallMsSchema, open: z.boolean() })
  .meta({ id: 'Span' });

export const gapReasonSchema = z.enum([
  'camera-offline',
  'network',
  'no-keyframe',
  'damaged',
  'paused-by',
  'dropped',
  'disk-full',
  /** The disk was not there, was another one, could only be read, or failed. */
  'disk-failed',
  'power',
  'agent-down',
  'privacy',
  'retention',
  'not-yet-added',
  /** The plan keeps events only, and nothing happened. Nothing is wrong. */
  'no-event',
  /** The house's clock was set forward: this time never was. Nothing is missing. */
  'clock-set',
  'unknown',
]);

export const gapSchema = z
  .object({ fromMs: wallMsSchema, toMs: wallMsSchema, reason: gapReasonSchema })
  .meta({ id: 'Gap' });

export const recordingsSchema = z
  .object({ spans: z.array(spanSchema), gaps: z.array(gapSchema) })
  .meta({ id: 'Recordings' });

/** Holes of these reasons are no loss: nothing was to be recorded then, or what was has been deleted since. */
export const calmReasons: ReadonlySet<GapReason> = new Set(['not-yet-added', 'no-event', 'clock-set', 'retention']);

const durationMsSchema = z.int().min(0);
const coverageFigures = {
  recordedMs: durationMsSchema,
  /** Milliseconds without footage, by reason; absent reasons did not occur. */
  missingMs: z.partialRecord(gapReasonSchema, durationMsSchema),
  /** Recorded share of the time that was to be recorded, 0 to 100, rounded down to a tenth; absent when nothing was. */
  percent: z.number().min(0).max(100).optional(),
};

/** One day of a camera; today ends now. `toMs - fromMs` of a whole day is 23, 24 or 25 hours. */
export const coverageDaySchema = z
  .object({ day: z.iso.date(), fromMs: wallMsSchema, toMs: wallMsSchema, ...coverageFigures })
  .meta({ id: 'CoverageDay' });

/** A month of a camera, by days of the house's time zone. Days to come are left out. */
export const coverageMonthSchema = z
  .object({
    month: z.string().regex(/^\d{4}-\d{2}$/),
    timeZone: z.string(),
    days: z.array(coverageDaySchema).max(31),
    ...coverageFigures,
  })
  .meta({ id: 'CoverageMonth' });

export type CoverageDay = z.infer<typeof coverageDaySchema>;
export type CoverageMonth = z.infer<typeof coverageMonthSchema>;
export type Span = z.infer<typeof spanSchema>;
export type GapReason = z.infer<typeof gapReasonSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type Recordings = z.infer<typeof recordingsSchema>;
