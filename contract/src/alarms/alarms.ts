import { z } from 'zod';
import { envelopeSchema } from '#agent';
import { streamNameSchema } from '#camera';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';

/** What an agent sees going wrong. */
export const agentAlarmKindSchema = z.enum([
  'camera-down',
  'camera-stalled',
  'no-key-frames',
  'damaged',
  'clock-off',
  'disk-full',
  'disk-read-only',
  'disk-gone',
  'disk-slow',
  'disk-failing',
  'footage-missing',
  'index',
  'watcher-down',
  'certificate',
]);
export type AgentAlarmKind = z.infer<typeof agentAlarmKindSchema>;

/** The last ones are the hub's own: what it sees of an agent, and that a record does not go on from what the hub wrote down. */
export const alarmKindSchema = z.enum([
  ...agentAlarmKindSchema.options,
  'agent-silent',
  'agent-clock',
  'record-changed',
]);
export type AlarmKind = z.infer<typeof alarmKindSchema>;

/** `critical`: footage is not being kept, or may not be, or is not what was recorded. `warning`: it is kept, but something wants looking after. */
export const alarmSeveritySchema = z.enum(['warning', 'critical']);
export type AlarmSeverity = z.infer<typeof alarmSeveritySchema>;

export const alarmIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'Expected an alarm id of lower-case letters, digits, - and _')
  .brand<'AlarmId'>();
export type AlarmId = z.infer<typeof alarmIdSchema>;

/** One trouble from its first sign to its end. `message` says what is wrong, `fix` what a person can do about it. */
export const agentAlarmSchema = z.object({
  id: alarmIdSchema,
  kind: agentAlarmKindSchema,
  severity: alarmSeveritySchema,
  cameraId: cameraIdSchema.optional(),
  stream: streamNameSchema.optional(),
  /** What it is about beside a camera: the name of a volume, for example. */
  part: z.string().min(1).max(80).optional(),
  startMs: wallMsSchema,
  /** When all was well again. Absent: it is not. */
  endMs: wallMsSchema.optional(),
  message: z.string().min(1).max(500),
  fix: z.string().min(1).max(500),
});
export type AgentAlarm = z.infer<typeof agentAlarmSchema>;

/** Most alarms that one agent has open at a time. */
export const mostOpenAlarms = 1000;

/**
 * What an agent tells of its alarms: after each connect and every minute all that stand and those that ended in the last hour, in between what
 * changed, at most once a second. `open` names all that stand now: others of this agent are over.
 */
export const alarmReportSchema = envelopeSchema(
  z.object({
    /** Looked at one by one (`agentAlarmSchema`), so that one bad alarm does not hide the others. */
    alarms: z.array(z.unknown()).max(mostOpenAlarms * 2),
    open: z.array(alarmIdSchema).max(mostOpenAlarms),
  }),
);
export type AlarmReport = z.infer<typeof alarmReportSchema>;

/** An alarm as the API shows it. Acknowledged means that a person has seen it; it does not end it. */
export const alarmSchema = agentAlarmSchema
  .extend({
    kind: alarmKindSchema,
    agentId: agentIdSchema,
    acknowledgedMs: wallMsSchema.optional(),
    /** Name of the person. */
    acknowledgedBy: z.string().optional(),
  })
  .meta({ id: 'Alarm' });
export type Alarm = z.infer<typeof alarmSchema>;

/** Newest start first. `more`: there are older ones than fit. */
export const alarmListSchema = z.object({ alarms: z.array(alarmSchema), more: z.boolean() }).meta({ id: 'AlarmList' });
export type AlarmList = z.infer<typeof alarmListSchema>;
