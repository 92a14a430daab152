import { toCoverage } from '#coverage';
import type { EventBook } from '#event-book';
import { parseFragmentTable, type IndexStore, type SegmentRow, type SegmentView } from '#index-store';
import type { Clock } from '@porchlight/base/clock';
import type { StreamName } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import type { Recordings } from '@porchlight/contract/recordings';
import type { OpenSegments } from './open-segments.ts';

const mostEvents = 1000;
/** Runs of a camera that are read for the wall times they have; older ones a clock would have to be wrong by weeks to meet. */
const mostRecorded = 512;

/** What answers are made of. */
export type AnswerParts = {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly events: EventBook;
  readonly clock: Clock;
};

/** Wall times that a stream has given to footage. */
export type RecordedStretch = {
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly fromMs: number;
  readonly toMs: number;
};

/** What is recorded, as rows and open segments have it together. */
export class FootageAnswers {
  readonly #parts: AnswerParts;

  constructor(parts: AnswerParts) {
    this.#parts = parts;
  }

  findSpans(camera: CameraId, fromMs: number, toMs: number): Recordings {
    const { store, open, clock } = this.#parts;
    return toCoverage({
      fromMs,
      toMs,
      nowMs: clock.nowMs(),
      rows: store.listSpans(camera, fromMs, toMs),
      open: open.list(camera),
      camera: store.findCamera(camera),
      listGaps: (stream) => store.listGaps(camera, stream, { fromMs, toMs }),
      findEndBefore: (stream) => store.findEndBefore(camera, stream, fromMs),
    });
  }

  listEvents(camera: CameraId, span: { fromMs: number; toMs: number }): ListedEvent[] {
    const { events, clock } = this.#parts;
    const rows = events.list(camera, span, mostEvents);
    const fromMs = rows.reduce((least, row) => Math.min(least, row.fromMs), span.toMs);
    const { spans } = this.findSpans(camera, fromMs, Math.max(span.toMs, rows[0]?.toMs ?? 0));
    return rows.map(({ trigger: kind, camera: _camera, ...row }) => ({
      ...row,
      kind,
      open: clock.nowMs() < row.toMs,
      hasFootage: spans.some((found) => found.fromMs < row.toMs && found.toMs > row.fromMs),
    }));
  }

  listSegments(camera: CameraId, stream: StreamName, span: { fromMs: number; toMs: number }): SegmentView[] {
    const { store, open } = this.#parts;
    const growing = open
      .list(camera, stream)
      .filter(({ startMs, endMs }) => startMs < span.toMs && endMs > span.fromMs);
    const closed = store.listSegments(camera, stream, span).map((row) => this.#toView(row));
    return [...closed, ...growing].sort((a, b) => a.startMs - b.startMs);
  }

  findSegmentAt(camera: CameraId, stream: StreamName, atMs: number): SegmentView | undefined {
    const { store, open } = this.#parts;
    const growing = open.list(camera, stream).findLast((segment) => segment.startMs <= atMs);
    if (growing !== undefined) return growing;
    const row = store.findSegmentAt(camera, stream, atMs);
    return row && this.#toView(row);
  }

  findSegment(id: number): SegmentView | undefined {
    const growing = this.#parts.open.find(id);
    if (growing !== undefined) return growing;
    const row = this.#parts.store.findSegment(id);
    return row === undefined || row.open ? undefined : this.#toView(row);
  }

  #toView(row: SegmentRow): SegmentView {
    const { store } = this.#parts;
    let fragments: SegmentView['fragments'] | undefined;
    return {
      ...row,
      get fragments() {
        return (fragments ??= parseFragmentTable(store.findFragments(row.id) ?? new Uint8Array(4)));
      },
    };
  }

  findInit(hash: string): Uint8Array | undefined {
    return this.#parts.store.findInit(hash);
  }

  usedBytes(camera: CameraId): number {
    return (this.#parts.store.findCamera(camera)?.usedBytes ?? 0) + this.#parts.open.usedBytes(camera);
  }

  oldestMs(camera: CameraId): number | undefined {
    const { store, open } = this.#parts;
    return store.findOldestMs(camera) ?? open.list(camera)[0]?.startMs;
  }

  /** The newest wall times that each stream of the camera has footage of: no other footage may have them. */
  listRecorded(camera: CameraId): RecordedStretch[] {
    const { store, open } = this.#parts;
    const growing = open.list(camera).map(({ stream, startMs, endMs }) => ({ stream, startMs, endMs }));
    return [...store.listNewestSpans(camera, mostRecorded), ...growing].map(({ stream, startMs, endMs }) => {
      return { camera, stream, fromMs: startMs, toMs: endMs };
    });
  }
}
