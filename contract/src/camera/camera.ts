import { z } from 'zod';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';
import { recordingModeSchema, recordingPlanSchema } from '#recording-plan';
import { budgetSchema, keptSchema } from '#storage';

export const streamNameSchema = z.enum(['main', 'sub']);
export type StreamName = z.infer<typeof streamNameSchema>;

/** `rtsp` also covers rtsps; `file` is any MP4/MOV on a loop; `demo` the bundled street. */
export const sourceKindSchema = z.enum(['rtsp', 'file', 'demo']);
export type SourceKind = z.infer<typeof sourceKindSchema>;

/** How RTP travels. `auto` tries TCP interleaved and falls back to UDP when the camera refuses (461). */
export const transportSchema = z.enum(['auto', 'tcp', 'udp']);
export type Transport = z.infer<typeof transportSchema>;

/** Milliseconds without video after which a camera counts as stalled and is called again. */
export const stallMsSchema = z
  .int()
  .min(2000, 'A stall limit has at least 2 seconds')
  .max(10_000, 'A stall limit has at most 10 seconds');

export const cameraStatusSchema = z.enum(['starting', 'online', 'offline', 'paused', 'error']);
export type CameraStatus = z.infer<typeof cameraStatusSchema>;

/** How a camera is now. `message` is for people and says what to do when `status` is `offline` or `error`. */
export const cameraStateSchema = z
  .object({
    status: cameraStatusSchema,
    /** Stable word, for example `unreachable`, `unauthorized`, `stalled`, `no-keyframe`, `unsupported-codec`, `agent-down`. */
    reason: z.string().optional(),
    message: z.string().optional(),
    sinceMs: wallMsSchema,
  })
  .meta({ id: 'CameraState' });
export type CameraState = z.infer<typeof cameraStateSchema>;

/** Measured facts of one stream, over the last few seconds unless said. */
export const streamStatusSchema = z
  .object({
    name: streamNameSchema,
    codec: z.enum(['h264', 'h265']),
    codecString: z.string(),
    widthPx: z.int(),
    heightPx: z.int(),
    /** Pictures per second. */
    fps: z.number(),
    bitrateBps: z.int(),
    /** Time between key frames. */
    gopMs: z.int().optional(),
    bFrames: z.boolean(),
    audioCodec: z.enum(['aac', 'opus', 'pcmu', 'pcma', 'flac']).optional(),
    transport: z.enum(['tcp', 'udp', 'file']),
    /** Since the agent started. */
    packetsReceived: z.int(),
    packetsLost: z.int(),
    framesReceived: z.int(),
    lastFrameMs: wallMsSchema.optional(),
    /** When the newest key frame came. */
    lastKeyMs: wallMsSchema.optional(),
    recording: z.boolean(),
    /** How it is recorded now, by the camera's plan. */
    mode: recordingModeSchema.optional(),
  })
  .meta({ id: 'StreamStatus' });
export type StreamStatus = z.infer<typeof streamStatusSchema>;

/** A camera as the API shows it. URLs never hold credentials. */
export const cameraSchema = z
  .object({
    id: cameraIdSchema,
    agentId: agentIdSchema,
    name: z.string(),
    sourceKind: sourceKindSchema,
    url: z.string(),
    subUrl: z.string().optional(),
    transport: transportSchema,
    /** Whether credentials are stored; they are sealed to the agent and never shown. */
    hasCredentials: z.boolean(),
    paused: z.boolean(),
    /** Absent: 8 seconds. */
    stallMs: stallMsSchema.optional(),
    /** Most bytes this camera's footage may use; oldest goes first. Absent: its share of the whole. */
    capBytes: z.int().optional(),
    /** How much is kept of each class and for how long. Absent: what holds for every camera. */
    budget: budgetSchema.optional(),
    /** What is recorded, and when. */
    recording: recordingPlanSchema.optional(),
    createdMs: wallMsSchema,
    state: cameraStateSchema,
    streams: z.array(streamStatusSchema),
    /** Bytes of footage kept now. */
    usedBytes: z.int().optional(),
    /** Start of the oldest footage kept. */
    oldestMs: wallMsSchema.optional(),
    kept: keptSchema.optional(),
  })
  .meta({ id: 'Camera' });
export type Camera = z.infer<typeof cameraSchema>;

const nameSchema = z.string().trim().min(1, 'Give the camera a name').max(80, 'A name has at most 80 characters');
const urlSchema = z
  .string()
  .trim()
  .min(1, 'Give an rtsp:// address or the path of a video file')
  .max(2048, 'An address has at most 2048 characters');

/** Credentials may also stand in the URL (`rtsp://user:secret@host/…`); they are taken out before anything is stored. */
export const testSourceSchema = z
  .object({
    url: urlSchema,
    subUrl: urlSchema.optional(),
    username: z.string().max(128).optional(),
    password: z.string().max(256).optional(),
    transport: transportSchema.default('auto'),
    /** Which agent connects to it. Absent: the only one there is. */
    agentId: agentIdSchema.optional(),
    /** The camera whose new address this may become: its stored credentials serve when none are given and the machine is the same. */
    cameraId: cameraIdSchema.optional(),
  })
  .meta({ id: 'TestSource' });
export type TestSource = z.infer<typeof testSourceSchema>;

export const addCameraSchema = testSourceSchema
  .omit({ cameraId: true })
  .extend({ name: nameSchema, stallMs: stallMsSchema.optional(), capBytes: z.int().min(10_000_000).optional() })
  .meta({ id: 'AddCamera' });
export type AddCamera = z.infer<typeof addCameraSchema>;

/** Absent fields stay as they are. `null` takes a value away. */
export const patchCameraSchema = z
  .object({
    name: nameSchema.optional(),
    paused: z.boolean().optional(),
    url: urlSchema.optional(),
    subUrl: urlSchema.nullable().optional(),
    username: z.string().max(128).optional(),
    password: z.string().max(256).optional(),
    transport: transportSchema.optional(),
    stallMs: stallMsSchema.nullable().optional(),
    capBytes: z.int().min(10_000_000).nullable().optional(),
    budget: budgetSchema.nullable().optional(),
    /** Takes the place of the whole plan there was. */
    recording: recordingPlanSchema.optional(),
  })
  .meta({ id: 'PatchCamera' });
export type PatchCamera = z.infer<typeof patchCameraSchema>;

/** What a test of a source found. `ok: false` carries the reason in words and what to do. */
export const sourceTestSchema = z
  .object({
    ok: z.boolean(),
    reason: z.string().optional(),
    message: z.string(),
    fix: z.string().optional(),
    streams: z.array(
      z.object({
        name: streamNameSchema,
        codec: z.string(),
        widthPx: z.int(),
        heightPx: z.int(),
        fps: z.number().optional(),
        audioCodec: z.string().optional(),
      }),
    ),
    /** Things worth knowing: B-frames, AAC, H.265, long GOP. */
    notes: z.array(z.string()),
  })
  .meta({ id: 'SourceTest' });
export type SourceTest = z.infer<typeof sourceTestSchema>;
