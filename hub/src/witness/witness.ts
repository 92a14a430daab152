import { createHash, X509Certificate } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { isSignedBy, toCertificateDigest, type Signer } from '@porchlight/base/signing';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import {
  toAuditText,
  toStatementText,
  type Head,
  type Heads,
  type ProofConflict,
  type Receipt,
  type SignedHead,
  type SignedReceipt,
  type WitnessStatement,
  type Witnessed,
} from '@porchlight/contract/proof';
import type { Alarms } from '#alarms';
import type { AuditName, AuditRow, Store } from '#store';

export type WitnessOptions = {
  readonly store: Pick<Store, 'audit' | 'findCertificate' | 'findCamera'>;
  /** Told when a chain does not go on from what was written down before. */
  readonly alarms: Pick<Alarms, 'recordChanged'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Signs receipts. */
  readonly signer: Signer;
  /** Certificate of the house's authority, which signed the signer's. */
  readonly authorityPem: string;
};

/** Writes down how far agents' records have come, so that a box alone cannot write its past anew. */
export type Witness = {
  /** Writes down what is right of it; gives what the agent is to be told, or what is wrong with all of it. */
  take(agent: AgentId, body: Heads['body']): Promise<Witnessed['body'] | { readonly trouble: string }>;
  /** What is written down about a camera. */
  state(camera: CameraId, span: { readonly fromMs: number; readonly toMs: number }): Promise<WitnessStatement>;
};

const mostEntries = 10_000;

/** Opens the witness over a log. */
export function openWitness(options: WitnessOptions): Witness {
  const { signer, authorityPem, store } = options;
  const certificates = [signer.certificatePem, authorityPem];
  const house = toCertificateDigest(authorityPem);
  return {
    async take(agent, { certificatePem, heads }) {
      const certificate = parseCertificate(certificatePem);
      const key = certificate && toCertificateDigest(certificatePem);
      if (certificate === undefined || key === undefined || !(await isOf(store, agent, key))) {
        return { trouble: 'the certificate is not one of this agent' };
      }
      const receipts: SignedReceipt[] = [];
      const conflicts: ProofConflict[] = [];
      for (const signed of heads) {
        const { head, signature } = signed;
        const right = head.agent === agent && head.key === key;
        if (!right || !isSignedBy(certificate, toStatementText(head), signature)) continue;
        const written = await write({ ...options, house }, signed);
        if (written === undefined) continue;
        receipts.push(written.receipt);
        if (written.conflict !== undefined) conflicts.push(written.conflict);
      }
      for (const conflict of conflicts) await options.alarms.recordChanged(agent, conflict);
      return { receipts, conflicts, certificates };
    },
    async state(camera, span) {
      const rows = await store.audit.list(camera, { ...span, limit: mostEntries });
      const entries = rows.map(({ number, atMs, agent, kind, head, receipt, link }) => ({
        ...{ number, atMs, agent, kind, head, receipt, link },
      }));
      return { camera, house, entries, certificates };
    },
  };
}

/** An agent's certificate stays its own after a newer one has taken its place: what it signed before is shown later. */
async function isOf(store: WitnessOptions['store'], agent: AgentId, fingerprint: string): Promise<boolean> {
  return (await store.findCertificate(fingerprint))?.agentId === agent;
}

type Writing = Pick<WitnessOptions, 'store' | 'clock' | 'log' | 'signer'> & { readonly house: string };
type Written = { readonly receipt: SignedReceipt; readonly conflict?: ProofConflict };

/** A head that is written down already gives the same receipt again: the first one may not have arrived. */
async function write(writing: Writing, signed: SignedHead): Promise<Written | undefined> {
  const { log, store } = writing;
  const { audit } = store;
  const { head } = signed;
  const name: AuditName = { agent: head.agent, camera: head.camera };
  const known = await audit.find(name, head.seq, head.link);
  if (known !== undefined) return { receipt: known.receipt };
  const last = await audit.findLast(name);
  if (last === undefined && (await store.findCamera(head.camera))?.agentId !== head.agent) return undefined;
  const row = toRow(writing, signed, last);
  // Another message of the same agent may have come in between: the agent sends again what it has no receipt for.
  if (!(await audit.append(row))) return undefined;
  if (row.kind === 'head' || last === undefined) return { receipt: row.receipt };
  log.error('A record does not go on from what was written down before', { ...name, seq: head.seq });
  const place = ({ seq, link }: Head) => ({ seq, link });
  return {
    receipt: row.receipt,
    conflict: { camera: head.camera, known: place(last.head.head), claimed: place(head) },
  };
}

function toRow({ clock, signer, house }: Writing, signed: SignedHead, last: AuditRow | undefined): AuditRow {
  const { head } = signed;
  const { agent, camera, seq, link } = head;
  const atMs = clock.nowMs();
  const number = (last?.number ?? 0) + 1;
  const receipt: Receipt = {
    ...{ v: 1, kind: 'receipt', house, agent, camera, seq, link, atMs, entry: number, key: signer.key },
  };
  const row = {
    ...{ agent, camera, number, atMs, head: signed },
    kind: goesOn(head, last?.head.head) ? ('head' as const) : ('conflict' as const),
  };
  const text = toAuditText(last?.link ?? '', row);
  return {
    ...row,
    receipt: { receipt, signature: signer.sign(toStatementText(receipt)) },
    link: createHash('sha256').update(text).digest('hex'),
  };
}

/** The head names the one before it, and that is the one written down last. A hub that lost its log begins with what comes. */
function goesOn(head: Head, last: Head | undefined): boolean {
  if (last === undefined) return true;
  return head.seq > last.seq && head.since?.seq === last.seq && head.since.link === last.link;
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
