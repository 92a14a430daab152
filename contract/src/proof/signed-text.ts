import { toCanonicalText, type JsonValue } from './canonical.ts';
import type { Head, Receipt } from './proof.ts';

/** Names that a house's authority gives to what it certifies; whoever asks for a certificate cannot choose them. */
export const agentSubject = 'CN=Porchlight agent';
export const witnessSubject = 'CN=Porchlight witness';

/** What is signed of a head or a receipt; the first line keeps a signature of one kind from passing as another. */
export function toStatementText(statement: Head | Receipt): string {
  return `porchlight ${statement.kind} 1\n${toCanonicalText(statement)}`;
}

/** What is signed of a tombstone: its fact by digest. */
export function toTombstoneText(digest: string): string {
  return `porchlight tombstone 1\n${digest}`;
}

/** What is signed of a manifest: all of it but the signature. */
export function toManifestText(manifest: { readonly [name: string]: JsonValue | undefined }): string {
  return `porchlight manifest 1\n${toCanonicalText({ ...manifest, signature: undefined })}`;
}

/** What an entry of a witness's log is hashed of: the link before it and itself without its own link and receipt. */
export function toAuditText(before: string, entry: { readonly [name: string]: JsonValue | undefined }): string {
  return `porchlight audit 1\n${before}\n${toCanonicalText({ ...entry, link: undefined, receipt: undefined })}`;
}
