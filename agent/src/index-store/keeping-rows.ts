import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CameraId } from '@porchlight/contract/ids';
import type { FootageClass, VolumeId } from '@porchlight/contract/storage';
import { columns, type ClosedSegment, type SegmentRow } from './index-schema.ts';
import { toSegment, type IndexStore } from './index-store.ts';

/** Bytes of closed segments. */
export type Usage = {
  readonly volume: VolumeId;
  readonly camera: CameraId;
  readonly class: FootageClass;
  readonly bytes: number;
};

type Span = { readonly fromMs: number; readonly toMs: number };

/** Which segments: of one volume, camera and class, those that wait for a copy elsewhere or those that do not. */
export type OldestOf = {
  readonly volume: VolumeId;
  readonly camera: CameraId;
  readonly class: SegmentRow['class'];
  readonly waiting: boolean;
};

/** A file on its way from one place to another, or from whole to thinned. */
export type TaskRow = {
  readonly segment: number;
  readonly kind: 'move' | 'thin';
  readonly fromVolume: VolumeId;
  readonly fromPath: string;
  readonly toVolume: VolumeId;
  readonly toPath: string;
};

/** What thinning changes of a row. */
export type ThinnedFile = Pick<ClosedSegment, 'sizeBytes' | 'frames' | 'fragments'> & {
  readonly path: string;
  readonly sha256: string;
};

const taskColumns = `segment, kind, from_volume as fromVolume, from_path as fromPath, to_volume as toVolume, to_path as toPath`;
const oldest = `from segment where open = 0 and hold = 0 and volume = ? and camera = ? and class = ?
  and (offsite = 'wanted') = ?`;

/** The rows of the index by what keeping asks: how much, how old, of whom. Held and open segments are never among the oldest. */
export class KeepingRows {
  readonly #store: IndexStore;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(store: IndexStore) {
    this.#store = store;
    this.#db = store.db;
  }

  listUsage(): Usage[] {
    return this.#sql('select volume, camera, class, bytes from usage where bytes > 0').all() as Usage[];
  }

  /** The same of one camera. */
  listUsageOf(camera: CameraId): Usage[] {
    const sql = 'select volume, camera, class, bytes from usage where camera = ? and bytes > 0';
    return this.#sql(sql).all(camera) as Usage[];
  }

  /** Oldest first; only those that start before a time, when one is given. */
  listOldest(of: OldestOf, limit: number, beforeMs = Number.MAX_SAFE_INTEGER): SegmentRow[] {
    return this.#sql(`select ${columns} ${oldest} and start_ms < ? order by start_ms limit ?`)
      .all(of.volume, of.camera, of.class, of.waiting ? 1 : 0, beforeMs, limit)
      .map(toSegment);
  }

  /** Start of the oldest of them. */
  findOldestMs(of: OldestOf): number | undefined {
    const row = this.#sql(`select start_ms as startMs ${oldest} order by start_ms limit 1`).get(
      of.volume,
      of.camera,
      of.class,
      of.waiting ? 1 : 0,
    );
    return row?.['startMs'] as number | undefined;
  }

  /** The oldest whole file of continuous footage, or of what is to move, that starts before a time. */
  listToThin(of: Pick<OldestOf, 'volume' | 'camera'>, beforeMs: number, limit: number): SegmentRow[] {
    return this.#sql(
      `select ${columns} from segment where open = 0 and hold = 0 and volume = ? and camera = ? and class = 'continuous'
       and (offsite = 'wanted') = 0 and start_ms < ? and derived_from is null and sha256 is not null order by start_ms limit ?`,
    )
      .all(of.volume, of.camera, beforeMs, limit)
      .map(toSegment);
  }

  /** Segments of a volume that are to move on, held ones too, oldest first. */
  listToMove(of: Pick<OldestOf, 'volume' | 'camera'>, beforeMs: number, limit: number): SegmentRow[] {
    const ofStream = this.#sql(
      `select ${columns} from segment where camera = ? and stream = ? and start_ms < ? and open = 0 and volume = ?
       and sha256 is not null order by start_ms limit ?`,
    );
    return [
      ...ofStream.all(of.camera, 'main', beforeMs, of.volume, limit),
      ...ofStream.all(of.camera, 'sub', beforeMs, of.volume, limit),
    ].map(toSegment);
  }

  /** Closed segments that overlap a span are held, or no longer. */
  setHeld(camera: CameraId, span: Span, held: boolean): void {
    for (const stream of ['main', 'sub']) {
      this.#sql(
        `update segment set hold = ? where camera = ? and stream = ? and start_ms < ? and start_ms > ? and end_ms > ?
         and open = 0 and hold <> ?`,
      ).run(held ? 1 : 0, camera, stream, span.toMs, span.fromMs - longestMs, span.fromMs, held ? 1 : 0);
    }
  }

  /** Bytes of closed segments in a span, that are not held yet. */
  countBytes(camera: CameraId, span: Span): number {
    return this.#sumBytes(camera, span, 'and hold = 0');
  }

  /** Bytes of closed segments in a span. */
  sumBytes(camera: CameraId, span: Span): number {
    return this.#sumBytes(camera, span, '');
  }

  #sumBytes(camera: CameraId, span: Span, condition: string): number {
    const count = this.#sql(
      `select coalesce(sum(size_bytes), 0) as bytes from segment where camera = ? and stream = ? and start_ms < ?
       and start_ms > ? and end_ms > ? and open = 0 ${condition}`,
    );
    const of = (stream: string): number =>
      Number(count.get(camera, stream, span.toMs, span.fromMs - longestMs, span.fromMs)!['bytes']);
    return of('main') + of('sub');
  }

  /** Bytes and wall time of what was recorded whole since a time. */
  measure(camera: CameraId, sinceMs: number): { readonly bytes: number; readonly firstMs: number | undefined } {
    const count = this.#sql(
      `select coalesce(sum(size_bytes), 0) as bytes, min(start_ms) as firstMs from segment
       where camera = ? and stream = ? and start_ms >= ? and open = 0 and derived_from is null`,
    );
    const [main, sub] = ['main', 'sub'].map((stream) => count.get(camera, stream, sinceMs)!);
    const times = [main!['firstMs'], sub!['firstMs']].filter((ms) => ms !== null).map(Number);
    return {
      bytes: Number(main!['bytes']) + Number(sub!['bytes']),
      firstMs: times.length ? Math.min(...times) : undefined,
    };
  }

  /** The segment's file lies on another volume now. */
  setVolume(id: number, volume: VolumeId): void {
    this.#sql('update segment set volume = ? where id = ?').run(volume, id);
  }

  /** The segment's file is a thinned one now; `sha256` of the one before says what it was made from. */
  setThinned(before: SegmentRow, file: ThinnedFile): void {
    this.#sql(`update segment set path = ?, size_bytes = ?, frames = ?, sha256 = ?, derived_from = ? where id = ?`).run(
      file.path,
      file.sizeBytes,
      file.frames,
      file.sha256,
      before.sha256 ?? '',
      before.id,
    );
    this.#sql('insert or replace into fragments (segment, packed) values (?, ?)').run(before.id, file.fragments);
    this.#store.tellThinned(this.#store.findSegment(before.id)!, before);
  }

  listTasks(): TaskRow[] {
    return this.#sql(`select ${taskColumns} from task`).all() as TaskRow[];
  }

  addTask(task: TaskRow): void {
    this.#sql(
      'insert or replace into task (segment, kind, from_volume, from_path, to_volume, to_path) values (?, ?, ?, ?, ?, ?)',
    ).run(task.segment, task.kind, task.fromVolume, task.fromPath, task.toVolume, task.toPath);
  }

  deleteTask(segment: number): void {
    this.#sql('delete from task where segment = ?').run(segment);
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.#db.prepare(text)));
    return statement;
  }
}

/** No segment is longer. */
const longestMs = 3_600_000;
