import { z } from 'zod';
import { streamNameSchema } from '#camera';
import { agentIdSchema, cameraIdSchema, wallMsSchema } from '#ids';
import { gapSchema } from '#recordings';
import {
  chainEntrySchema,
  chainPlaceSchema,
  digestSchema,
  signatureSchema,
  signedHeadSchema,
  signedReceiptSchema,
} from './proof.ts';

/** A file that goes with a manifest. */
const manifestFileSchema = z.object({
  /** Relative to the manifest, with `/`. */
  name: z.string().min(1).max(512),
  /** `segment`: a file as it was recorded. `clip`: made of recorded ones, coded pictures untouched. */
  kind: z.enum(['segment', 'clip']),
  camera: cameraIdSchema,
  stream: streamNameSchema,
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
  /** Absent while a clip is still being made; whoever writes it puts it in. */
  sizeBytes: z.int().min(0).optional(),
  sha256: digestSchema.optional(),
  /** Numbers of the facts it is, or was made of. */
  facts: z.array(z.int().min(1)),
  /** So many of the recorded files it was made of have no fact yet: they were still being written. */
  withoutFact: z.int().min(1).optional(),
  /** Facts whose file was not the recorded one any more when this was made. */
  altered: z.array(z.int().min(1)).optional(),
  gaps: z.array(gapSchema).optional(),
});
export type ManifestFile = z.infer<typeof manifestFileSchema>;

/** A piece of one camera's chain, from `after` on without a break, and who saw how far it had come. */
const manifestChainSchema = z.object({
  camera: cameraIdSchema,
  after: chainPlaceSchema,
  entries: z.array(chainEntrySchema),
  heads: z.array(signedHeadSchema),
  receipts: z.array(signedReceiptSchema),
});
export type ManifestChain = z.infer<typeof manifestChainSchema>;

/** What was asked for, what is missing of it, and what is known of the clocks behind its times. */
const manifestExportSchema = z.object({
  fromMs: wallMsSchema,
  toMs: wallMsSchema,
  /** One for each camera and stream asked for, also where nothing is recorded. `files`: so many came of it. */
  lines: z.array(
    z.object({ camera: cameraIdSchema, stream: streamNameSchema, files: z.int().min(0), gaps: z.array(gapSchema) }),
  ),
  /** Offset of the time zone from UTC within the span: from each of these times on. More than one where clocks were put forward or back. */
  zoneOffsets: z.array(z.object({ fromMs: wallMsSchema, minutes: z.int() })),
  clocks: z.object({
    /** All times are by the agent's clock. Whether the machine's clock was kept right by a time server; absent: not known. */
    synchronized: z.boolean().optional(),
    /** The camera's own clock minus the agent's when the export was made, in milliseconds; absent where it does not tell. */
    cameras: z.array(z.object({ camera: cameraIdSchema, offsetMs: z.int().optional() })),
  }),
});
export type ManifestExport = z.infer<typeof manifestExportSchema>;

/** Media type of a manifest. */
export const manifestType = 'application/vnd.porchlight.proof+json';

/**
 * What goes with an export so that it can be checked without the house. Readers pass over names they do not know; `v` grows when a reader
 * would go wrong by that. `signature`: by the agent, over the canonical text of all the rest.
 */
export const manifestSchema = z.object({
  format: z.literal('porchlight-proof'),
  v: z.literal(1),
  agent: agentIdSchema.optional(),
  madeMs: wallMsSchema,
  /** Of the house, where it is set: how the times in it are to be read. */
  timeZone: z.string().max(64).optional(),
  export: manifestExportSchema.optional(),
  files: z.array(manifestFileSchema).max(100_000),
  chains: z.array(manifestChainSchema).max(1_000),
  /** PEM: of the agent, of the witnesses, of the house's authority. */
  certificates: z.array(z.string().max(8_192)).max(64),
  signature: z.object({ key: digestSchema, value: signatureSchema }).optional(),
});
export type Manifest = z.infer<typeof manifestSchema>;
