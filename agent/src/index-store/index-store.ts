import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { DeletionRule } from '@porchlight/contract/proof';
import { mainVolume, type VolumeId } from '@porchlight/contract/storage';
import {
  columns,
  countUsage,
  schema,
  type ClosedSegment,
  type GapRow,
  type NewSegment,
  type SegmentRow,
  type SpanRow,
} from './index-schema.ts';

import { isIndexFull, type IndexReserve } from './index-reserve.ts';
import { SpanRows } from './span-rows.ts';

type Row = Record<string, unknown>;

/** A row of `columns` as the house knows it. */
export function toSegment({ hold, ...row }: Row): SegmentRow {
  const { sha256, derivedFrom, open } = row;
  const known = {
    sha256: sha256 ?? undefined,
    derivedFrom: derivedFrom ?? undefined,
    open: open === 1,
    held: hold !== 0,
  };
  return { ...row, ...known } as SegmentRow;
}

/** What others must hear of, in the transaction that does it: all that happens to a closed segment passes here. */
export type SegmentHooks = {
  /** The row is closed; its hash may come later. */
  onClosed?(segment: SegmentRow): void;
  /** The hash of a file that was repaired or adopted is known now. */
  onHashed?(segment: SegmentRow): void;
  /** The row is about to go, for this reason; its file is gone already. */
  onDeleted?(segment: SegmentRow, rule: DeletionRule): void;
  /** The row has a smaller file now, made from the one of `before`. */
  onThinned?(segment: SegmentRow, before: SegmentRow): void;
  /** All rows of the camera are about to go. */
  onCleared?(camera: CameraId, rule: DeletionRule): void;
};

/** index.sqlite: prepared statements and nothing else. Used by the main thread only. */
export class IndexStore {
  /** For rooms that keep tables of their own beside these. */
  readonly db: DatabaseSync;
  readonly #listeners: SegmentHooks[] = [];
  readonly #statements = new Map<string, StatementSync>();
  readonly #spans = new SpanRows((text) => this.#sql(text));
  readonly #reserve: IndexReserve | undefined;

  /** `:memory:` for tests. `reserve`: room that is given up when the disk is full. */
  constructor(path: string, reserve?: IndexReserve) {
    this.#reserve = reserve;
    this.db = this.#write(() => openDatabase(path));
    if (this.findFact('usage') === undefined) {
      this.transaction(() => {
        this.db.exec(`delete from usage; ${countUsage}`);
        this.setFact('usage', 'counted');
      });
    }
  }

  close(): void {
    this.db.close();
  }

  /** Makes a part of what is missing of the reserve, if there is room. Throws when there is none after all. */
  keepReserve(): void {
    this.#reserve?.keep(this.db);
  }

  /** Tells of segments from now on, within the transaction that changes them. */
  listen(hooks: SegmentHooks): void {
    this.#listeners.push(hooks);
  }

  /** For the other classes that write these rows. */
  tellThinned(segment: SegmentRow, before: SegmentRow): void {
    for (const hooks of this.#listeners) hooks.onThinned?.(segment, before);
  }

  /** All or nothing, with one write to the log; again when the reserve gave room for it. */
  transaction<T>(work: () => T): T {
    return this.#write(() => this.#tryTransaction(work));
  }

  /** Does it again when the disk was full and the reserve gave room for it. */
  #write<T>(work: () => T, measures?: readonly (() => boolean)[]): T {
    try {
      return work();
    } catch (error) {
      if (!isIndexFull(error)) throw error;
      const left = measures ?? this.#reserve?.measures(this.db) ?? [];
      const done = left.findIndex((measure) => measure());
      if (done < 0) throw error;
      return this.#write(work, left.slice(done + 1));
    }
  }

  #tryTransaction<T>(work: () => T): T {
    this.db.exec('begin immediate');
    try {
      const result = work();
      this.db.exec('commit');
      return result;
    } catch (error) {
      // SQLite has ended it already when the disk is full.
      if (this.db.isTransaction) this.db.exec('rollback');
      throw error;
    }
  }

  insertSegment(segment: NewSegment, init: Uint8Array): number {
    this.#sql('insert or ignore into init (hash, bytes) values (?, ?)').run(segment.initHash, init);
    this.#sql('insert or ignore into camera (id, added_ms) values (?, ?)').run(segment.camera, segment.startMs);
    const { lastInsertRowid } = this.#sql(
      `insert into segment (camera, stream, path, run, start_ms, end_ms, start_ticks, clock_rate_hz, codec, init_hash, volume, derived_from)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      segment.camera,
      segment.stream,
      segment.path,
      segment.run,
      segment.startMs,
      segment.startMs,
      segment.startTicks,
      segment.clockRateHz,
      segment.codecString,
      segment.initHash,
      segment.volume ?? mainVolume,
      segment.derivedFrom ?? null,
    );
    return Number(lastInsertRowid);
  }

  /** The row is closed, its span extended, its bytes counted. */
  closeSegment(closed: ClosedSegment): void {
    this.#sql(
      `update segment set open = 0, end_ms = ?, duration_ticks = ?, size_bytes = ?, frames = ?, packets_lost = ?, sha256 = ?
       where id = ?`,
    ).run(
      closed.endMs,
      closed.durationTicks,
      closed.sizeBytes,
      closed.frames,
      closed.packetsLost,
      closed.sha256 ?? null,
      closed.id,
    );
    this.#sql('insert or replace into fragments (segment, packed) values (?, ?)').run(closed.id, closed.fragments);
    const segment = this.findSegment(closed.id)!;
    this.#spans.extend(segment);
    for (const hooks of this.#listeners) hooks.onClosed?.(segment);
  }

  /** Takes a segment out, with its fragments; its span begins later, ends earlier, falls in two or goes. `rule` is why. */
  deleteSegment(segment: SegmentRow, rule: DeletionRule): void {
    const { id } = segment;
    if (!segment.open) for (const hooks of this.#listeners) hooks.onDeleted?.(segment, rule);
    this.#sql('delete from segment where id = ?').run(id);
    if (segment.open) return;
    this.#spans.takeOut(segment);
  }

  setHash(id: number, sha256: string): void {
    this.transaction(() => {
      this.#sql('update segment set sha256 = ? where id = ?').run(sha256, id);
      const segment = this.findSegment(id);
      if (segment !== undefined) for (const hooks of this.#listeners) hooks.onHashed?.(segment);
    });
  }

  findSegment(id: number): SegmentRow | undefined {
    const row = this.#sql(`select ${columns} from segment where id = ?`).get(id);
    return row && toSegment(row);
  }

  findByPath(path: string): SegmentRow | undefined {
    const row = this.#sql(`select ${columns} from segment where path = ?`).get(path);
    return row && toSegment(row);
  }

  /** Closed segments that overlap the span, oldest first. No segment is longer than `maxSegmentMs`. */
  listSegments(camera: CameraId, stream: StreamName, span: { fromMs: number; toMs: number }): SegmentRow[] {
    return this.#sql(
      `select ${columns} from segment where camera = ? and stream = ? and start_ms >= ? and start_ms < ?
       and end_ms > ? and open = 0 order by start_ms`,
    )
      .all(camera, stream, span.fromMs - maxSegmentMs, span.toMs, span.fromMs)
      .map(toSegment);
  }

  /** The newest closed segment that starts at or before a time. */
  findSegmentAt(camera: CameraId, stream: StreamName, atMs: number): SegmentRow | undefined {
    const row = this.#sql(
      `select ${columns} from segment where camera = ? and stream = ? and start_ms <= ? and open = 0
       order by start_ms desc limit 1`,
    ).get(camera, stream, atMs);
    return row && toSegment(row);
  }

  /** Start of the oldest closed segment. */
  findOldestMs(camera: CameraId): number | undefined {
    const oldest = this.#sql('select min(start_ms) as ms from segment where camera = ? and stream = ? and open = 0');
    const starts = ['main', 'sub'].map((stream) => oldest.get(camera, stream)!['ms'] as number | null);
    const known = starts.filter((ms) => ms !== null);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  listOpen(): SegmentRow[] {
    return this.#sql(`select ${columns} from segment where open = 1`).all().map(toSegment);
  }

  listUnhashed(limit: number): SegmentRow[] {
    return this.#sql(`select ${columns} from segment where open = 0 and sha256 is null limit ?`)
      .all(limit)
      .map(toSegment);
  }

  /** Paths of a volume's closed segments that begin so. */
  listClosedPaths(volume: VolumeId, prefix: string): string[] {
    return this.#sql('select path from segment where path >= ? and path < ? and +volume = ? and open = 0')
      .all(prefix, `${prefix}\u{10ffff}`, volume)
      .map((row) => row['path'] as string);
  }

  /** Day folders of a volume that have rows: `camera/stream/date`. One look-up for each, however many rows there are. */
  listFolders(volume: VolumeId): string[] {
    const next = (after: string): string => `select rtrim(path, replace(path, '/', '')) from segment
      where path > ${after} and +volume = ?1 order by path limit 1`;
    return this.#sql(
      `with recursive folder (name) as (select (${next(`''`)}) union all
        select (${next(`folder.name || char(1114111)`)}) from folder where folder.name is not null)
      select name from folder where name is not null`,
    )
      .all(volume)
      .map((row) => (row['name'] as string).slice(0, -1));
  }

  countSegments(): number {
    return Number(this.#sql('select count(*) as count from segment').get()!['count']);
  }

  findFragments(id: number): Uint8Array | undefined {
    return this.#sql('select packed from fragments where segment = ?').get(id)?.['packed'] as Uint8Array | undefined;
  }

  findInit(hash: string): Uint8Array | undefined {
    return this.#sql('select bytes from init where hash = ?').get(hash)?.['bytes'] as Uint8Array | undefined;
  }

  /** Runs that overlap the span, by their end. */
  listSpans(camera: CameraId, fromMs: number, toMs: number): SpanRow[] {
    const rows = this.#sql(
      `select stream, run, start_ms as startMs, end_ms as endMs from span
       where camera = ? and end_ms > ? and start_ms < ? order by end_ms`,
    ).all(camera, fromMs, toMs);
    return rows as unknown as SpanRow[];
  }

  /** Runs of a camera, newest first. */
  listNewestSpans(camera: CameraId, limit: number): SpanRow[] {
    const rows = this.#sql(
      'select stream, run, start_ms as startMs, end_ms as endMs from span where camera = ? order by end_ms desc limit ?',
    ).all(camera, limit);
    return rows as unknown as SpanRow[];
  }

  /** Where the stream's last run ended before a time; 0 when there was none. */
  findEndBefore(camera: CameraId, stream: StreamName, atMs: number): number {
    const row = this.#sql(
      'select end_ms as endMs from span where camera = ? and end_ms <= ? and stream = ? order by end_ms desc limit 1',
    ).get(camera, atMs, stream);
    return Number(row?.['endMs'] ?? 0);
  }

  insertGap(camera: CameraId, stream: StreamName, gap: GapRow): void {
    const insert = this.#sql('insert or replace into gap (camera, stream, from_ms, reason) values (?, ?, ?, ?)');
    this.#write(() => insert.run(camera, stream, Math.round(gap.fromMs), gap.reason));
  }

  /** Gap rows that begin within the span, and the last one before it. */
  listGaps(camera: CameraId, stream: StreamName, span: { fromMs: number; toMs: number }): GapRow[] {
    const rows = this.#sql(
      `select from_ms as fromMs, reason from gap where camera = ?1 and stream = ?2 and from_ms < ?4
       and from_ms >= coalesce((select max(from_ms) from gap where camera = ?1 and stream = ?2 and from_ms <= ?3), ?3)
       order by from_ms`,
    ).all(camera, stream, span.fromMs, span.toMs);
    return rows as unknown as GapRow[];
  }

  deleteGaps(camera: CameraId, stream: StreamName, beforeMs: number): void {
    this.#sql('delete from gap where camera = ? and stream = ? and from_ms < ?').run(camera, stream, beforeMs);
  }

  noteCamera(camera: CameraId, addedMs: number): void {
    this.#sql(
      'insert into camera (id, added_ms) values (?1, ?2) on conflict (id) do update set added_ms = min(added_ms, ?2)',
    ).run(camera, addedMs);
  }

  noteKeptFrom(camera: CameraId, keptFromMs: number): void {
    this.#sql('update camera set kept_from_ms = max(kept_from_ms, ?) where id = ?').run(keptFromMs, camera);
  }

  findCamera(camera: CameraId): { addedMs: number; usedBytes: number; keptFromMs: number } | undefined {
    return this.#sql(
      `select added_ms as addedMs, kept_from_ms as keptFromMs,
       (select coalesce(sum(bytes), 0) from usage where camera = id) as usedBytes from camera where id = ?`,
    ).get(camera) as { addedMs: number; usedBytes: number; keptFromMs: number } | undefined;
  }

  listCameras(): { id: CameraId; usedBytes: number }[] {
    const rows = this.#sql(
      'select id, (select coalesce(sum(bytes), 0) from usage where camera = id) as usedBytes from camera',
    ).all();
    return rows as { id: CameraId; usedBytes: number }[];
  }

  /** End of the newest run of each stream, or where its newest gap began if that is later: a stream may wait and never have recorded. */
  listEnds(): { camera: CameraId; stream: StreamName; endMs: number }[] {
    const rows = this.#sql(
      `select camera, stream, max(ms) as endMs from (
         select camera, stream, max(end_ms) as ms from span group by camera, stream
         union all select camera, stream, max(from_ms) from gap group by camera, stream
       ) group by camera, stream`,
    ).all();
    return rows as { camera: CameraId; stream: StreamName; endMs: number }[];
  }

  deleteCamera(camera: CameraId, rule: DeletionRule): void {
    for (const hooks of this.#listeners) hooks.onCleared?.(camera, rule);
    for (const table of ['segment', 'span', 'gap', 'usage'])
      this.#sql(`delete from ${table} where camera = ?`).run(camera);
    this.#sql('delete from camera where id = ?').run(camera);
  }

  findFact(name: string): string | undefined {
    return this.#sql('select value from fact where name = ?').get(name)?.['value'] as string | undefined;
  }

  setFact(name: string, value: string): void {
    const insert = this.#sql('insert or replace into fact (name, value) values (?, ?)');
    this.#write(() => insert.run(name, value));
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.db.prepare(text)));
    return statement;
  }
}

function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path);
  try {
    db.exec(schema);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Longest segment that a recorder makes, with room for a late key frame. */
const maxSegmentMs = 3_600_000;
