/**
 * Proof of what was recorded: facts of a camera in a chain, tombstones, signed heads, receipts of witnesses, the manifest of an export.
 * Out: schemas, types, the canonical text that is hashed and signed. Promises: the text of a value is the same everywhere.
 */
export { toCanonicalText, type JsonValue } from './canonical.ts';
export {
  chainEntrySchema,
  chainPlaceSchema,
  deletionRuleSchema,
  digestSchema,
  factSchema,
  headSchema,
  receiptSchema,
  signatureSchema,
  signedHeadSchema,
  signedReceiptSchema,
  type ChainEntry,
  type ChainPlace,
  type DeletionRule,
  type Fact,
  type FactOf,
  type Head,
  type Receipt,
  type SignedHead,
  type SignedReceipt,
} from './proof.ts';
export {
  manifestSchema,
  manifestType,
  type Manifest,
  type ManifestChain,
  type ManifestExport,
  type ManifestFile,
} from './manifest.ts';
export {
  auditEntrySchema,
  conflictSchema,
  headsSchema,
  witnessedSchema,
  witnessStatementSchema,
  type AuditEntry,
  type Heads,
  type ProofConflict,
  type Witnessed,
  type WitnessStatement,
} from './messages.ts';
export {
  agentSubject,
  toAuditText,
  toManifestText,
  toStatementText,
  toTombstoneText,
  witnessSubject,
} from './signed-text.ts';
