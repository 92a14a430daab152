import { z } from 'zod';
import { streamNameSchema } from '#camera';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';
import { gapSchema } from '#recordings';

/** SHA-256, hexadecimal, lower case. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'Expected a SHA-256 in hexadecimal');
/** ECDSA over P-256 and SHA-256, r and s one behind the other (IEEE P1363), base64url. @see FIPS 186-5 6 */
export const signatureSchema = z.string().regex(/^[A-Za-z0-9_-]{86}$/, 'Expected a P-256 signature in base64url');
const seqSchema = z.int().min(1);
const countSchema = z.int().min(0);

/** A place in a camera's chain: the number of a fact and the link that stands behind it. */
export const chainPlaceSchema = z.object({ seq: countSchema, link: digestSchema });
export type ChainPlace = z.infer<typeof chainPlaceSchema>;

/** The first fact of a chain, or of a stretch of it after something broke it. `before`: what was known to stand before and is not here. */
const begunSchema = z.object({
  kind: z.literal('begun'),
  reason: z.enum(['new', 'index-rebuilt', 'index-older', 'rolled-back']),
  before: chainPlaceSchema.optional(),
});

/** One closed file. `gaps`: the time without footage between the stream's file before and this one. */
const segmentFactSchema = z.object({
  kind: z.literal('segment'),
  stream: streamNameSchema,
  run: z.string().max(128),
  /** Below the volume's root; which volume does not matter. */
  path: z.string().max(256),
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
  startTicks: z.int(),
  durationTicks: countSchema,
  clockRateHz: z.int().min(1),
  sizeBytes: countSchema,
  sha256: digestSchema,
  codec: z.string().max(128),
  initHash: z.string().max(64),
  frames: countSchema,
  packetsLost: countSchema,
  /** `as-written`: of the bytes on their way to disk. `read-back`: of the file as it was found later. */
  hashed: z.enum(['as-written', 'read-back']),
  gaps: z.array(gapSchema).max(64).optional(),
  /** Thinned from the file of this fact. */
  derivedFrom: seqSchema.optional(),
});

/** Why footage is not there any more. */
export const deletionRuleSchema = z.enum([
  /** Over the bytes it may use. */
  'budget',
  /** Older than it may get. */
  'age',
  /** Free space was at its floor. */
  'floor',
  /** A person had it deleted. */
  'owner',
  /** Reduced to its key frames: another fact says it is derived from this. */
  'thinned',
  /** The file was gone from the disk when looked for; nobody here deleted it. */
  'missing',
  /** The file was not the one recorded any more; what was whole of it is kept and has a fact of its own. */
  'altered',
  /** Nothing in it could be read; the file is in quarantine. */
  'unreadable',
]);
export type DeletionRule = z.infer<typeof deletionRuleSchema>;

/** One file is not there any more. `of`: its fact; absent when it had none yet. */
const tombstoneSchema = z.object({
  kind: z.literal('tombstone'),
  rule: deletionRuleSchema,
  of: seqSchema.optional(),
  stream: streamNameSchema,
  path: z.string().max(256),
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
});

/** All files of facts before this one are not there any more. */
const clearedSchema = z.object({ kind: z.literal('cleared'), rule: deletionRuleSchema });

/** What happened to footage of one camera. Never changed, never taken away: what is deleted gets a tombstone. */
export const factSchema = z.object({
  v: z.literal(1),
  camera: cameraIdSchema,
  /** Grows by one; only a `begun` may leave numbers out. */
  seq: seqSchema,
  atMs: wallMsSchema,
  what: z.discriminatedUnion('kind', [begunSchema, segmentFactSchema, tombstoneSchema, clearedSchema]),
});
export type Fact = z.infer<typeof factSchema>;
export type FactOf<Kind extends Fact['what']['kind']> = Extract<Fact['what'], { kind: Kind }>;

/**
 * One entry of a chain as it is kept and handed out: the fact, or its digest alone where the reader has no business with it. Tombstones
 * are signed one by one, as soon as the agent has a key. The signature stands beside the fact, not in what it signs.
 */
export const chainEntrySchema = z.union([
  z.object({ fact: factSchema, signature: signatureSchema.optional(), key: digestSchema.optional() }),
  z.object({ digest: digestSchema }),
]);
export type ChainEntry = z.infer<typeof chainEntrySchema>;

/** How far a camera's chain had come at a time, as the agent says. */
export const headSchema = z.object({
  v: z.literal(1),
  kind: z.literal('head'),
  agent: agentIdSchema,
  camera: cameraIdSchema,
  seq: seqSchema,
  link: digestSchema,
  atMs: wallMsSchema,
  /** The head before this one. */
  since: chainPlaceSchema.optional(),
  /** SHA-256 of the certificate (DER) whose key signed. */
  key: digestSchema,
});
export const signedHeadSchema = z.object({ head: headSchema, signature: signatureSchema });
export type Head = z.infer<typeof headSchema>;
export type SignedHead = z.infer<typeof signedHeadSchema>;

/** A witness was shown a head at a time and keeps it where the agent cannot reach. */
export const receiptSchema = z.object({
  v: z.literal(1),
  kind: z.literal('receipt'),
  /** SHA-256 of the certificate (DER) of the house's authority. */
  house: digestSchema,
  agent: agentIdSchema,
  camera: cameraIdSchema,
  seq: seqSchema,
  link: digestSchema,
  /** By the witness's own clock. */
  atMs: wallMsSchema,
  /** Number of the entry in the witness's audit log of this camera. */
  entry: seqSchema,
  key: digestSchema,
});
export const signedReceiptSchema = z.object({ receipt: receiptSchema, signature: signatureSchema });
export type Receipt = z.infer<typeof receiptSchema>;
export type SignedReceipt = z.infer<typeof signedReceiptSchema>;
