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
  'unknown',
]);

export const gapSchema = z
  .object({ fromMs: wallMsSchema, toMs: wallMsSchema, reason: gapReasonSchema })
  .meta({ id: 'Gap' });

export const recordingsSchema = z
  .object({ spans: z.array(spanSchema), gaps: z.array(gapSchema) })
  .meta({ id: 'Recordings' });

export type Span = z.infer<typeof spanSchema>;
export type GapReason = z.infer<typeof gapReasonSchema>;
export type Gap = z.infer<typeof gapSchema>;
export type Recordings = z.infer<typeof recordingsSchema>;
