/** What triggers recording, and the events that come of it. Out: schemas and types. */
import { z } from 'zod';
import { wallMsSchema } from '#ids';

/** What it is, in a word: `manual`, `motion`, `sound`, `doorbell`, `person`… Open: sources bring their own. */
export const triggerKindSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'A kind is a word of lower-case letters, digits and -, such as motion');

/** Something that happened at a camera. */
export const triggerSchema = z
  .object({
    kind: triggerKindSchema,
    /** For people: `Front gate opened`. */
    label: z.string().trim().min(1).max(120, 'A label has at most 120 characters').optional(),
    /** When it happened: within the last minute. Absent: now. */
    atMs: wallMsSchema.optional(),
    /** It goes on until it is ended, or until the longest event is over. Absent: a moment. */
    lasting: z.boolean().optional(),
  })
  .meta({ id: 'Trigger' });
export type Trigger = z.infer<typeof triggerSchema>;

export const eventIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'Expected an event id')
  .brand<'EventId'>();
export type EventId = z.infer<typeof eventIdSchema>;

/** A stretch of time that triggers made worth keeping; footage of it has class `event`. Triggers that overlap are one event. */
export const eventSchema = z
  .object({
    id: eventIdSchema,
    /** Of the first trigger. */
    kind: triggerKindSchema,
    label: z.string().optional(),
    /** Time of the first trigger. */
    atMs: wallMsSchema,
    /** With what is kept before and after. Of an open event `toMs` is when it ends if nothing more happens. */
    fromMs: wallMsSchema,
    toMs: wallMsSchema,
    /** How many triggers it is made of. */
    triggers: z.int(),
    /** It still goes on. */
    open: z.boolean(),
  })
  .meta({ id: 'Event' });
export type HouseEvent = z.infer<typeof eventSchema>;

/** An event and whether anything is recorded of it. */
export const listedEventSchema = eventSchema.extend({ hasFootage: z.boolean() }).meta({ id: 'ListedEvent' });
export type ListedEvent = z.infer<typeof listedEventSchema>;
export const eventsSchema = z.object({ events: z.array(listedEventSchema) }).meta({ id: 'Events' });

/** What came of a trigger. `recording: false` says why nothing is recorded now: then the event is noted all the same. */
export const triggeredSchema = z
  .object({
    event: eventSchema,
    /** It became part of an event that was going on. */
    merged: z.boolean(),
    recording: z.boolean(),
    /** Stable word, such as `camera-offline`; only when nothing is recorded. */
    reason: z.string().optional(),
    message: z.string().optional(),
  })
  .meta({ id: 'Triggered' });
export type Triggered = z.infer<typeof triggeredSchema>;
