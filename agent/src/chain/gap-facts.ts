import type { StatementSync } from 'node:sqlite';
import type { Gap, GapReason } from '@porchlight/contract/recordings';
import type { FactRow } from './chain-schema.ts';

/** A shorter hole is the distance between two pictures, not a gap. */
const smallestMs = 250;
const mostGaps = 64;

const endBeforeSql = `select end_ms as endMs from segment where camera = ? and stream = ? and start_ms < ? and open = 0
  order by start_ms desc limit 1`;
const gapsSql = `select from_ms as fromMs, reason from gap where camera = ?1 and stream = ?2 and from_ms < ?4
  and from_ms >= coalesce((select max(from_ms) from gap where camera = ?1 and stream = ?2 and from_ms <= ?3), ?3)
  order by from_ms`;

/** The time without footage between the stream's segment before and this one, with the reasons in the ledger. */
export function findGaps(sql: (text: string) => StatementSync, of: FactRow): Gap[] {
  const before = sql(endBeforeSql).get(of.camera, of.stream, of.startMs) as { endMs: number } | undefined;
  if (before === undefined || of.startMs - before.endMs <= smallestMs) return [];
  const rows = sql(gapsSql).all(of.camera, of.stream, before.endMs, of.startMs) as {
    fromMs: number;
    reason: GapReason;
  }[];
  const told = rows.map(({ fromMs, reason }) => ({ fromMs: Math.max(fromMs, before.endMs), reason }));
  const first = told[0];
  if (first === undefined || first.fromMs > before.endMs) told.unshift({ fromMs: before.endMs, reason: 'unknown' });
  return told.slice(-mostGaps).map(({ fromMs, reason }, index, kept) => ({
    fromMs,
    toMs: kept[index + 1]?.fromMs ?? of.startMs,
    reason,
  }));
}
