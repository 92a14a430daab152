import { z } from 'zod';
import { envelopeSchema } from '#agent';
import { cameraIdSchema, wallMsSchema } from '#ids';
import { chainPlaceSchema, signedHeadSchema, signedReceiptSchema } from './proof.ts';

const certificateSchema = z.string().max(8_192);

/** Agent → hub: heads that no receipt has come for yet, hourly and after each connect. `certificatePem`: of the key that signed them. */
export const headsSchema = envelopeSchema(
  z.object({ certificatePem: certificateSchema, heads: z.array(signedHeadSchema).max(500) }),
);
export type Heads = z.infer<typeof headsSchema>;

/** A head does not go on from what the witness has: the chain was cut back, or written anew. */
export const conflictSchema = z.object({ camera: cameraIdSchema, known: chainPlaceSchema, claimed: chainPlaceSchema });
export type ProofConflict = z.infer<typeof conflictSchema>;

/** Hub → agent: what it has written down. */
export const witnessedSchema = envelopeSchema(
  z.object({
    receipts: z.array(signedReceiptSchema).max(500),
    conflicts: z.array(conflictSchema).max(500),
    /** Of the witness's key, and of the authority that signed it. */
    certificates: z.array(certificateSchema).max(8),
  }),
);
export type Witnessed = z.infer<typeof witnessedSchema>;

/** One line of a witness's audit log of a camera, as members read it. `link` of an entry covers the entry before. */
export const auditEntrySchema = z
  .object({
    number: z.int().min(1),
    atMs: wallMsSchema,
    agent: z.string(),
    /** `head`: goes on from the entry before. `conflict`: it does not. */
    kind: z.enum(['head', 'conflict']),
    head: signedHeadSchema,
    receipt: signedReceiptSchema.optional(),
    link: z.string(),
  })
  .meta({ id: 'ProofEntry' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What the witness has about a camera. */
export const witnessStatementSchema = z
  .object({
    camera: cameraIdSchema,
    /** SHA-256 of the house's authority: compare it by hand, once. */
    house: z.string().optional(),
    entries: z.array(auditEntrySchema),
    certificates: z.array(certificateSchema),
  })
  .meta({ id: 'WitnessStatement' });
export type WitnessStatement = z.infer<typeof witnessStatementSchema>;
