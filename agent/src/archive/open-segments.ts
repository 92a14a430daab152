import { GrowingFragmentTable, type ClosedSegment, type SegmentView } from '#index-store';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { FragmentWritten, SegmentClosed, SegmentOpened } from './archive-event.ts';

type OpenSegment = {
  readonly id: number;
  readonly opened: SegmentOpened;
  readonly fragments: GrowingFragmentTable;
  endMs: number;
  durationTicks: number;
  closed: SegmentClosed | undefined;
};

/** Segments being written, and those closed a moment ago whose rows are not written yet: part of every answer. */
export class OpenSegments {
  readonly #segments = new Map<string, OpenSegment>();
  readonly #ids = new Map<number, OpenSegment>();

  add(id: number, opened: SegmentOpened): void {
    const fragments = new GrowingFragmentTable(opened.init.length);
    const segment = { id, opened, fragments, endMs: opened.startWallMs, durationTicks: 0, closed: undefined };
    this.#segments.set(opened.segment, segment);
    this.#ids.set(id, segment);
  }

  append(event: FragmentWritten): void {
    const segment = this.#segments.get(event.segment);
    if (segment === undefined || event.offsetBytes !== segment.fragments.endBytes) return;
    segment.fragments.append(event);
    segment.endMs = Math.max(segment.endMs, event.endWallMs);
    segment.durationTicks = Math.max(segment.durationTicks, event.baseTicks + event.durationTicks);
  }

  close(event: SegmentClosed): void {
    const segment = this.#segments.get(event.segment);
    if (segment !== undefined) segment.closed = event;
  }

  /** The row of what has been closed since the last call; `forget` it once written. */
  takeClosed(): { segment: string; row: ClosedSegment }[] {
    const taken: { segment: string; row: ClosedSegment }[] = [];
    for (const [segment, { id, closed, fragments }] of this.#segments) {
      if (closed === undefined) continue;
      const { endWallMs, durationTicks, sizeBytes, frames, packetsLost, sha256 } = closed;
      const row = { id, endMs: endWallMs, durationTicks, sizeBytes, frames, packetsLost, sha256 };
      taken.push({ segment, row: { ...row, fragments: fragments.pack() } });
    }
    return taken;
  }

  findId(segment: string): number | undefined {
    return this.#segments.get(segment)?.id;
  }

  forget(segment: string): number | undefined {
    const found = this.#segments.get(segment);
    this.#segments.delete(segment);
    if (found !== undefined) this.#ids.delete(found.id);
    return found?.id;
  }

  forgetCamera(camera: CameraId): void {
    for (const [segment, { opened }] of [...this.#segments]) if (opened.camera === camera) this.forget(segment);
  }

  hasPath(path: string): boolean {
    for (const { opened } of this.#segments.values()) if (opened.path === path) return true;
    return false;
  }

  /** Bytes written so far, of one camera. */
  usedBytes(camera: CameraId): number {
    let sum = 0;
    for (const { opened, fragments } of this.#segments.values()) {
      if (opened.camera === camera) sum += fragments.endBytes;
    }
    return sum;
  }

  find(id: number): SegmentView | undefined {
    const segment = this.#ids.get(id);
    return segment && toView(segment);
  }

  /** Those with at least one fragment, oldest first. */
  list(camera: CameraId, stream?: StreamName): SegmentView[] {
    const views: SegmentView[] = [];
    for (const segment of this.#segments.values()) {
      const { opened, fragments } = segment;
      if (opened.camera !== camera || fragments.count === 0) continue;
      if (stream === undefined || opened.stream === stream) views.push(toView(segment));
    }
    return views.sort((a, b) => a.startMs - b.startMs);
  }
}

function toView({ id, opened, fragments, endMs, durationTicks, closed }: OpenSegment): SegmentView {
  const { camera, stream, path, run, startWallMs: startMs, startTicks, clockRateHz, initHash, codecString } = opened;
  const place = { id, camera, stream, path, run, startMs, startTicks, clockRateHz, initHash, codecString };
  return { ...place, endMs, durationTicks, open: closed === undefined, fragments };
}
