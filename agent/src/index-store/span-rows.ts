import type { StatementSync } from 'node:sqlite';
import type { RunName, SegmentRow } from './index-schema.ts';

/** The table of runs: one row for what is there of a run without a hole. Statements come from the store. */
export class SpanRows {
  readonly #sql: (text: string) => StatementSync;

  constructor(sql: (text: string) => StatementSync) {
    this.#sql = sql;
  }

  /** A segment was closed. */
  extend({ camera, stream, run, startMs, endMs }: SegmentRow): void {
    const last = this.#findSpan({ camera, stream, run });
    if (last !== undefined) this.#deleteSpan({ camera, stream, run }, last.endMs);
    const span = { startMs: Math.min(last?.startMs ?? startMs, startMs), endMs: Math.max(last?.endMs ?? endMs, endMs) };
    this.#insertSpan({ camera, stream, run }, span);
  }

  /** A segment has gone: its span begins later, ends earlier, falls in two or goes. */
  takeOut(segment: SegmentRow): void {
    const { run, startMs } = segment;
    const span = this.#findSpan(segment, startMs);
    if (span === undefined) return;
    // Segments of a stream never overlap, so its neighbours in time tell what is left of the run on either side.
    const before = this.#findNeighbour(
      `select run, end_ms as ms from segment where camera = ? and stream = ? and start_ms < ? and open = 0
       order by start_ms desc limit 1`,
      segment,
    );
    const after = this.#findNeighbour(
      `select run, start_ms as ms from segment where camera = ? and stream = ? and start_ms > ? and open = 0
       order by start_ms limit 1`,
      segment,
    );
    this.#deleteSpan(segment, span.endMs);
    if (before?.run === run && before.ms > span.startMs) {
      this.#insertSpan(segment, { startMs: span.startMs, endMs: before.ms });
    }
    if (after?.run === run && after.ms < span.endMs)
      this.#insertSpan(segment, { startMs: after.ms, endMs: span.endMs });
  }

  #findNeighbour(text: string, { camera, stream, startMs }: SegmentRow): { run: string; ms: number } | undefined {
    return this.#sql(text).get(camera, stream, startMs) as { run: string; ms: number } | undefined;
  }

  /** The run's last span, or the one that covers a time. */
  #findSpan(of: RunName, atMs?: number): { startMs: number; endMs: number } | undefined {
    const row = this.#sql(
      `select start_ms as startMs, end_ms as endMs from span where camera = ? and stream = ? and run = ?
       and start_ms <= ? and end_ms >= ? order by end_ms desc limit 1`,
    ).get(of.camera, of.stream, of.run, atMs ?? Number.MAX_SAFE_INTEGER, atMs ?? 0);
    return row as { startMs: number; endMs: number } | undefined;
  }

  #insertSpan({ camera, stream, run }: RunName, span: { startMs: number; endMs: number }): void {
    this.#sql('insert or replace into span (camera, stream, start_ms, end_ms, run) values (?, ?, ?, ?, ?)').run(
      camera,
      stream,
      span.startMs,
      span.endMs,
      run,
    );
  }

  #deleteSpan({ camera, stream, run }: RunName, endMs: number): void {
    this.#sql('delete from span where camera = ? and end_ms = ? and stream = ? and run = ?').run(
      camera,
      endMs,
      stream,
      run,
    );
  }
}
