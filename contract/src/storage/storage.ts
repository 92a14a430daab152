import { z } from 'zod';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';

/** Name of a place for footage, the same for as long as it is used. `main` is the folder that the agent was started with. */
export const volumeIdSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'A name of small letters, digits and -');
export type VolumeId = z.infer<typeof volumeIdSchema>;
export const mainVolume: VolumeId = 'main';

/** `event` is what happened around a trigger, `held` what somebody wants kept whatever its class, `continuous` the rest. */
export const footageClassSchema = z.enum(['continuous', 'event', 'held']);
export type FootageClass = z.infer<typeof footageClassSchema>;

const leastBytes = 10_000_000;
const bytesSchema = z.int().min(leastBytes, 'A budget is at least 10 MB');
const daysSchema = z
  .number()
  .min(0.04, 'A budget in days is at least an hour')
  .max(3650, 'A budget in days is at most ten years');

const limitSchema = z
  .object({ bytes: bytesSchema.optional(), days: daysSchema.optional() })
  .meta({ id: 'FootageLimit' });
export type FootageLimit = z.infer<typeof limitSchema>;

/**
 * How much of one camera's footage is kept, and for how long; what is over goes, oldest first. Nothing said: as much as fits.
 * `held` only bounds what may be held: beyond it another hold is refused; what is held is never deleted.
 */
export const budgetSchema = z
  .object({
    continuous: limitSchema.optional(),
    event: limitSchema.optional(),
    held: z.object({ bytes: bytesSchema.optional() }).optional(),
    /** After so many days continuous footage is reduced to its key frames. */
    thinAfterDays: daysSchema.optional(),
  })
  .superRefine(({ continuous, thinAfterDays }, context) => {
    if (thinAfterDays === undefined || continuous?.days === undefined || thinAfterDays < continuous.days) return;
    const message = 'Footage would be deleted before it is thinned: thin it sooner, or keep it longer';
    context.addIssue({ code: 'custom', message, path: ['thinAfterDays'] });
  })
  .meta({ id: 'FootageBudget' });
export type FootageBudget = z.infer<typeof budgetSchema>;

/** A folder on the machine that records. Absent for `main`: the one that the agent was started with. */
export const folderSchema = z
  .string()
  .trim()
  .min(1, 'Give the path of a folder')
  .max(1024)
  .refine((path) => /^([/\\]|[A-Za-z]:[/\\])/.test(path), 'Give the whole path of the folder, from / on')
  .refine((path) => !path.split(/[/\\]/).includes('..') && !path.includes('\0'), 'A path without ..');

export const volumeConfigSchema = z
  .object({
    id: volumeIdSchema,
    folder: folderSchema.optional(),
    /** Most bytes of footage on it; `most`: 90 % of the volume. Absent: not chosen yet, and so few that nothing is in the way. */
    bytes: z.union([z.literal('most'), bytesSchema]).optional(),
    /** Footage older than this moves on to the next volume of the list. */
    moveAfterDays: daysSchema.optional(),
  })
  .meta({ id: 'VolumeConfig' });
export type VolumeConfig = z.infer<typeof volumeConfigSchema>;

/** Where an agent keeps footage and how much. Recording goes to the first volume; the others take what moves on, and keep what they have. */
export const storageConfigSchema = z
  .object({
    volumes: z.array(volumeConfigSchema).min(1, 'Footage needs a place').max(8, 'At most eight places'),
    /** Of every camera that has none of its own. */
    budget: budgetSchema.default({}),
  })
  .superRefine(({ volumes }, context) => {
    const ids = new Set(volumes.map(({ id }) => id));
    const folders = new Set(volumes.map(({ id, folder }) => folder?.replace(/[/\\]+$/, '') ?? id));
    const say = (message: string): void => context.addIssue({ code: 'custom', message, path: ['volumes'] });
    if (ids.size < volumes.length || folders.size < volumes.length) say('A place is listed twice');
    if (volumes.some(({ id, folder }) => id !== mainVolume && folder === undefined)) say('A place has no folder');
    if (volumes.at(-1)?.moveAfterDays !== undefined) say('Footage of the last place has nowhere to move on to');
  })
  .meta({ id: 'StorageConfig' });
export type StorageConfig = z.infer<typeof storageConfigSchema>;

export const defaultStorageConfig: StorageConfig = { volumes: [{ id: mainVolume }], budget: {} };

/**
 * `missing`: the folder, or the disk that should be there, is not. `wrong`: it is another one. `read-only`, `full` and `failing` say what writing
 * meets with. Nothing is written to a volume that is `missing`, `wrong` or `read-only`; all of them end by themselves.
 */
export const volumeStateSchema = z.enum(['ok', 'missing', 'wrong', 'read-only', 'full', 'failing']);
export type VolumeState = z.infer<typeof volumeStateSchema>;

export const volumeStatusSchema = z
  .object({
    id: volumeIdSchema,
    folder: z.string().optional(),
    state: volumeStateSchema,
    sinceMs: wallMsSchema,
    /** For people, when all is not well. */
    message: z.string().optional(),
    fix: z.string().optional(),
    recording: z.boolean(),
    /** What this program may still write, and the whole. */
    freeBytes: z.int().optional(),
    totalBytes: z.int().optional(),
    usedBytes: z.int(),
    /** Most bytes of footage on it, and whether somebody chose that. */
    capBytes: z.int(),
    chosen: z.boolean(),
    moveAfterDays: z.number().optional(),
  })
  .meta({ id: 'VolumeStatus' });
export type VolumeStatus = z.infer<typeof volumeStatusSchema>;

/** How an agent's footage is kept, now. */
export const storageStatusSchema = z
  .object({
    volumes: z.array(volumeStatusSchema),
    /** For how long footage will be kept, by what cameras have sent lately; absent while nothing is known. */
    days: z.number().optional(),
    /** Nothing is deleted, thinned or moved while so much footage is missing. */
    stopped: z.object({ sinceMs: wallMsSchema, missing: z.int(), of: z.int() }).optional(),
    /** Segments deleted although their copy off-site was never made, since the agent started. */
    lostBeforeOffsite: z.int(),
    /** Waiting to move on or to be thinned. */
    movingBytes: z.int(),
    /** Why the configuration that the hub sent is not in use: the one before is. */
    refused: z.string().optional(),
  })
  .meta({ id: 'StorageStatus' });
export type StorageStatus = z.infer<typeof storageStatusSchema>;

/** What is kept of one camera. */
export const keptSchema = z
  .object({
    continuousBytes: z.int(),
    eventBytes: z.int(),
    heldBytes: z.int(),
    bytesPerDay: z.int().optional(),
    /** For how long its footage will be kept. */
    days: z.number().optional(),
  })
  .meta({ id: 'Kept' });
export type Kept = z.infer<typeof keptSchema>;

/** What a look at a disk found. `ok` is after a real write. */
export const diskCheckSchema = z
  .object({
    ok: z.boolean(),
    message: z.string(),
    fix: z.string().optional(),
    freeBytes: z.int().optional(),
    totalBytes: z.int().optional(),
    writeBytesPerSecond: z.int().optional(),
    /** Most bytes that may be chosen. */
    mostBytes: z.int().optional(),
    /** Bytes that all cameras of the agent send in a day, and how many cameras that are. */
    bytesPerDay: z.int().optional(),
    cameras: z.int().optional(),
  })
  .meta({ id: 'DiskCheck' });
export type DiskCheck = z.infer<typeof diskCheckSchema>;

export const checkFolderSchema = z
  .object({ agentId: agentIdSchema.optional(), folder: folderSchema.optional() })
  .meta({ id: 'CheckFolder' });
export const changeStorageSchema = z
  .object({ agentId: agentIdSchema.optional(), config: storageConfigSchema })
  .meta({ id: 'ChangeStorage' });

export const agentStorageSchema = z
  .object({
    agentId: agentIdSchema,
    online: z.boolean(),
    config: storageConfigSchema,
    status: storageStatusSchema.optional(),
    cameras: z.array(
      z.object({ id: cameraIdSchema, name: z.string(), budget: budgetSchema.optional(), kept: keptSchema.optional() }),
    ),
  })
  .meta({ id: 'AgentStorage' });
export type AgentStorage = z.infer<typeof agentStorageSchema>;
export const storageListSchema = z.object({ agents: z.array(agentStorageSchema) });

export const holdIdSchema = z.string().regex(/^[0-9a-f]{16}$/);
/** A span of a camera that retention leaves alone. It may reach into the future. */
export const holdSchema = z
  .object({
    id: holdIdSchema,
    fromMs: wallMsSchema,
    toMs: wallMsSchema,
    note: z.string(),
    createdMs: wallMsSchema,
    /** Of all files that it keeps, as recorded so far; a file that two holds keep counts in both. Absent for the oldest of very many. */
    bytes: z.int().optional(),
  })
  .meta({ id: 'Hold' });
export type Hold = z.infer<typeof holdSchema>;
export const holdListSchema = z.object({ holds: z.array(holdSchema) });
export const addHoldSchema = z
  .object({
    fromMs: wallMsSchema,
    toMs: wallMsSchema,
    note: z.string().trim().max(200, 'A note has at most 200 characters').default(''),
  })
  .refine(({ fromMs, toMs }) => fromMs < toMs, { message: 'The span ends before it starts', path: ['toMs'] })
  .meta({ id: 'AddHold' });
