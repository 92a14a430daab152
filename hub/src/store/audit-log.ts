import type { AgentId, CameraId } from '@porchlight/contract/ids';
import type { SignedHead, SignedReceipt } from '@porchlight/contract/proof';

/** The log of one camera as one agent records it. */
export type AuditName = { readonly agent: AgentId; readonly camera: CameraId };

/** One line of a log. Never changed, never taken away. */
export type AuditRow = AuditName & {
  /** From 1, without a gap. */
  readonly number: number;
  /** By the hub's clock. */
  readonly atMs: number;
  /** `head`: goes on from the row before. `conflict`: it does not. */
  readonly kind: 'head' | 'conflict';
  readonly head: SignedHead;
  readonly receipt: SignedReceipt;
  /** SHA-256 over this row and the link of the row before. */
  readonly link: string;
};

/** Where the hub writes down what it was shown: a table that is only ever written on. One step per method, as in all of the store. */
export interface AuditLog {
  /** False, and nothing written, unless the row's number is the next of its log. */
  append(row: AuditRow): Promise<boolean>;
  findLast(name: AuditName): Promise<AuditRow | undefined>;
  /** The row in which this place of the chain was written down. */
  find(name: AuditName, seq: number, link: string): Promise<AuditRow | undefined>;
  /** Rows of a camera, whichever agent had it, in the order of their times; those at or before `fromMs` but the last are left out. */
  list(
    camera: CameraId,
    span: { readonly fromMs: number; readonly toMs: number; readonly limit: number },
  ): Promise<AuditRow[]>;
}

/** A log that forgets everything when the process ends; the reference for the others. */
export function openMemoryAuditLog(): AuditLog {
  const rows: AuditRow[] = [];
  const of = ({ agent, camera }: AuditName): AuditRow[] =>
    rows.filter((row) => row.agent === agent && row.camera === camera);
  return {
    async append(row) {
      if (of(row).length + 1 !== row.number) return false;
      rows.push(structuredClone(row));
      return true;
    },
    findLast: async (name) => of(name).at(-1),
    find: async (name, seq, link) => of(name).find(({ head: { head } }) => head.seq === seq && head.link === link),
    async list(camera, { fromMs, toMs, limit }) {
      const all = rows.filter((row) => row.camera === camera && row.atMs < toMs).sort((a, b) => a.atMs - b.atMs);
      const before = all.findLastIndex(({ atMs }) => atMs <= fromMs);
      return all.slice(Math.max(0, before)).slice(0, limit);
    },
  };
}
