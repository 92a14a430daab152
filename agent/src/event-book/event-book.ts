import type { DatabaseSync } from 'node:sqlite';
import type { EventId } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';

/** An event as the index has it. */
export type EventRow = {
  readonly id: EventId;
  readonly camera: CameraId;
  readonly trigger: string;
  readonly label?: string;
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly triggers: number;
};

const schema = `
create table if not exists event (
  id text primary key,
  camera text not null,
  trigger text not null,
  label text,
  at_ms integer not null,
  from_ms integer not null,
  to_ms integer not null,
  triggers integer not null
) strict, without rowid;
create index if not exists event_by_end on event (camera, to_ms, from_ms);
`;
/** Longer than any segment, so that a search may begin there. */
const longestSegmentMs = 3_600_000;
/** No event is longer. */
const longestEventMs = 3_700_000;
const markSinceMs = 2 * 86_400_000;

/** Events, beside the segments in the same database; whatever segment an event touches is of class `event` once it is closed. */
export class EventBook {
  readonly #db: DatabaseSync;

  /** Marks again what an end of the agent may have left unmarked. */
  constructor(db: DatabaseSync, nowMs: number) {
    this.#db = db;
    db.exec(schema);
    const recent = db.prepare('select camera, from_ms as fromMs, to_ms as toMs from event where to_ms > ?');
    for (const event of recent.all(nowMs - markSinceMs) as Pick<EventRow, 'camera' | 'fromMs' | 'toMs'>[])
      this.#mark(event);
  }

  /** An event that began or changed. */
  put(row: EventRow): void {
    const { id, camera, trigger, label, atMs, fromMs, toMs, triggers } = row;
    this.#db
      .prepare(
        `insert into event (id, camera, trigger, label, at_ms, from_ms, to_ms, triggers) values (?, ?, ?, ?, ?, ?, ?, ?)
         on conflict (id) do update set to_ms = excluded.to_ms, triggers = excluded.triggers`,
      )
      .run(id, camera, trigger, label ?? null, atMs, fromMs, toMs, triggers);
    this.#mark(row);
    this.#forgetOld(camera);
  }

  /** An event that a file tells of: one that is known already stays as it is. */
  adopt(row: EventRow): void {
    const known = this.#db.prepare('select 1 from event where id = ?').get(row.id);
    if (known === undefined) this.put(row);
  }

  /** A segment was closed: it is of class `event` if one touches it. */
  markSegment(segment: number): void {
    this.#db
      .prepare(
        `update segment set class = 'event' where id = ? and class = 'continuous' and exists (
           select 1 from event where event.camera = segment.camera and event.to_ms > segment.start_ms
           and event.to_ms < segment.end_ms + ${longestEventMs} and event.from_ms < segment.end_ms)`,
      )
      .run(segment);
  }

  /** Events that overlap a span, newest first. */
  list(camera: CameraId, span: { readonly fromMs: number; readonly toMs: number }, limit: number): EventRow[] {
    const rows = this.#db
      .prepare(
        `select id, camera, trigger, label, at_ms as atMs, from_ms as fromMs, to_ms as toMs, triggers from event
         where camera = ? and to_ms > ? and to_ms < ? and from_ms < ? order by to_ms desc limit ?`,
      )
      .all(camera, span.fromMs, span.toMs + longestEventMs, span.toMs, limit);
    return rows.map(({ label, ...row }) => ({ ...row, ...(label === null ? {} : { label }) }) as EventRow);
  }

  forgetCamera(camera: CameraId): void {
    this.#db.prepare('delete from event where camera = ?').run(camera);
  }

  #mark({ camera, fromMs, toMs }: Pick<EventRow, 'camera' | 'fromMs' | 'toMs'>): void {
    const mark = this.#db.prepare(
      `update segment set class = 'event' where camera = ? and stream = ? and start_ms > ? and start_ms < ? and end_ms > ?
       and open = 0 and class = 'continuous'`,
    );
    for (const stream of ['main', 'sub']) mark.run(camera, stream, fromMs - longestSegmentMs, toMs, fromMs);
  }

  /** Events go when the last footage of their time has gone. */
  #forgetOld(camera: CameraId): void {
    const oldest = this.#db.prepare('select min(start_ms) as ms from segment where camera = ? and stream = ?');
    const starts = ['main', 'sub'].flatMap((stream) => (oldest.get(camera, stream)?.['ms'] as number | null) ?? []);
    if (starts.length === 0) return;
    this.#db.prepare('delete from event where camera = ? and to_ms < ?').run(camera, Math.min(...starts));
  }
}
