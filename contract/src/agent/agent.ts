import { z } from 'zod';
import { cameraStateSchema, sourceKindSchema, stallMsSchema, streamStatusSchema, transportSchema } from '#camera';
import { apiErrorSchema } from '#errors';
import { eventIdSchema } from '#events';
import { agentIdSchema, cameraIdSchema, commandIdSchema, wallMsSchema } from '#ids';
import { recordingPlanSchema } from '#recording-plan';
import { budgetSchema, keptSchema, storageConfigSchema, storageStatusSchema } from '#storage';

/** Every message: version, own id, time of sending, body. */
export const envelopeSchema = <Body extends z.ZodType>(body: Body) =>
  z.object({ v: z.literal(1), id: z.string().max(64), atMs: wallMsSchema, body });

/** Secret bytes sealed to an agent's key: base64url text made by `base/secrets` `seal`. The hub cannot open it. */
export const sealedSchema = z.string().max(8192).brand<'Sealed'>();
export type Sealed = z.infer<typeof sealedSchema>;

/** What `sealedCredentials` opens to. */
export const credentialsSchema = z.object({ username: z.string(), password: z.string() });
export type Credentials = z.infer<typeof credentialsSchema>;

/**
 * One camera as the agent should have it. `sealedCredentials` opens to JSON `{username,password}`. A password that stood inside the address
 * is written there as `{password}`; the agent puts it back.
 */
export const cameraConfigSchema = z.object({
  id: cameraIdSchema,
  name: z.string(),
  sourceKind: sourceKindSchema,
  url: z.string(),
  subUrl: z.string().optional(),
  transport: transportSchema,
  sealedCredentials: sealedSchema.optional(),
  paused: z.boolean(),
  stallMs: stallMsSchema.optional(),
  capBytes: z.int().optional(),
  budget: budgetSchema.optional(),
  recording: recordingPlanSchema.optional(),
  createdMs: wallMsSchema,
});
export type CameraConfig = z.infer<typeof cameraConfigSchema>;

/**
 * Desired configuration, in parts that each fit a message. An agent applies revision R when it holds all its parts and R is
 * newer than what it has; cameras in none of the parts are removed (their footage stays unless a `forget-footage` command says otherwise).
 */
export const desiredSchema = envelopeSchema(
  z.object({
    revision: z.int().min(0),
    part: z.int().min(0),
    parts: z.int().min(1),
    cameras: z.array(cameraConfigSchema),
    /** Public keys that sign media grants, as JWKs with `kid`. */
    grantKeys: z.array(z.record(z.string(), z.unknown())),
    /** Where footage is kept and how much; absent: nobody has chosen. */
    storage: storageConfigSchema.optional(),
  }),
);
export type Desired = z.infer<typeof desiredSchema>;

export const cameraReportSchema = z.object({
  id: cameraIdSchema,
  state: cameraStateSchema,
  streams: z.array(streamStatusSchema),
  usedBytes: z.int(),
  oldestMs: wallMsSchema.optional(),
  kept: keptSchema.optional(),
  /** The event that began or changed last since the agent's start: says that the list of events has changed. */
  lastEvent: z.object({ id: eventIdSchema, toMs: wallMsSchema, triggers: z.int() }).optional(),
});
export type CameraReport = z.infer<typeof cameraReportSchema>;

/** How cameras are: after each connect all of them, then what changed, at most once a second; all again every 10 s. */
export const reportSchema = envelopeSchema(
  z.object({
    revision: z.int(),
    cameras: z.array(cameraReportSchema),
    /** How footage is kept; in a message of its own. */
    storage: storageStatusSchema.optional(),
  }),
);
/** A report before its cameras are looked at one by one, so that one bad camera does not hide the others. */
export const looseReportSchema = envelopeSchema(
  z.object({ revision: z.int(), cameras: z.array(z.unknown()).max(4096), storage: z.unknown().optional() }),
);
export type Report = z.infer<typeof reportSchema>;

export const presenceSchema = envelopeSchema(
  z.object({
    online: z.boolean(),
    /** Public half of the agent's sealing key: SPKI DER, base64url. */
    sealingKey: z.string().max(1024).optional(),
    version: z.string().max(64).optional(),
    revision: z.int().optional(),
  }),
);
export type Presence = z.infer<typeof presenceSchema>;

/**
 * `test-source` {url, subUrl?, transport, sealedCredentials?} → SourceTest · `forget-footage` {camera, beforeMs}: footage from before then · `end-sessions` {sids} · `check-folder` {folder?} → DiskCheck
 * · `check-storage` {config}: whether the disks agree; fails with the reason.
 */
export const commandVerbSchema = z.enum([
  'test-source',
  'forget-footage',
  'end-sessions',
  'check-folder',
  'check-storage',
]);
export type CommandVerb = z.infer<typeof commandVerbSchema>;

export const commandSchema = envelopeSchema(
  z.object({
    command: commandIdSchema,
    agent: agentIdSchema,
    verb: commandVerbSchema,
    args: z.record(z.string(), z.unknown()),
    /** After this the agent ignores the command. */
    expiresMs: wallMsSchema,
  }),
);
export type AgentCommand = z.infer<typeof commandSchema>;

export const answerSchema = envelopeSchema(
  z.object({
    command: commandIdSchema,
    ok: z.boolean(),
    result: z.unknown().optional(),
    error: apiErrorSchema.optional(),
  }),
);
export type Answer = z.infer<typeof answerSchema>;

/** Request of `createFromCsrTopic`. @see AWS IoT Core CreateCertificateFromCsr */
export const createFromCsrSchema = z.object({ certificateSigningRequest: z.string().max(4096) });

/** Its accepted answer. */
export const certificateCreatedSchema = z.object({
  certificateId: z.string(),
  certificatePem: z.string(),
  certificateOwnershipToken: z.string(),
});

/** Rejected answer of either provisioning topic. */
export const provisionRejectedSchema = z.object({
  statusCode: z.int(),
  errorCode: z.string(),
  errorMessage: z.string(),
});

/** Accepted answer of `provisionTopic`: the thing's name is the agent's id and from now on its MQTT client id. */
export const provisionedSchema = z.object({
  deviceConfiguration: z.record(z.string(), z.string()),
  thingName: agentIdSchema,
});

/** What an agent needs to provision itself, handed over once: a certificate good for five minutes, and where to go with it. */
export const claimSchema = z.object({
  certificatePem: z.string(),
  privateKeyPem: z.string(),
  /** Certificate of the authority that the broker's certificate chains to. */
  caPem: z.string(),
  /** `mqtts://host:port` */
  brokerUrl: z.string(),
  template: z.string(),
});
export type Claim = z.infer<typeof claimSchema>;

/** @see AWS IoT Core RegisterThing request */
export const provisionRequestSchema = z.object({
  certificateOwnershipToken: z.string().max(512),
  parameters: z.object({ SerialNumber: z.string().max(128) }),
});
