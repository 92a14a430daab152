import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { IndexStore, parseFragmentTable, type SegmentRow, type SegmentView } from '#index-store';
import { openRetention, type Retention } from '#retention';
import type { Volume } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import { makeFolder } from '@porchlight/base/folder';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { Recordings } from '@porchlight/contract/recordings';
import type { ArchiveEvent, SegmentOpened } from './archive-event.ts';
import { toCoverage } from './coverage.ts';
import { OpenSegments } from './open-segments.ts';
import { reconcile, repairOpen, repairSegment } from './reconcile.ts';

export type ArchiveOptions = {
  /** Holds `index.sqlite`; made when missing. */
  readonly folder: string;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  /** Differs after every start of the machine: tells a power cut from a crash. */
  readonly bootId?: string;
};

/** What is recorded. One per agent, in the main thread: only it opens the index. */
export type Archive = {
  /** Takes what recorders tell, in the order they told it. */
  note(event: ArchiveEvent): void;
  /** A camera and its cap; again whenever that changes. Undefined: only the cap in all holds. */
  setCamera(camera: CameraId, facts: { readonly addedMs: number; readonly capBytes?: number | undefined }): void;
  /** Undefined: the default. */
  setTotalCap(capBytes: number | undefined): void;
  /** Rows and open segments together: what is recorded, and why the rest is not. */
  findSpans(camera: CameraId, fromMs: number, toMs: number): Recordings;
  /** Segments that overlap the span, with their fragments, oldest first. */
  listSegments(camera: CameraId, stream: StreamName, span: { fromMs: number; toMs: number }): SegmentView[];
  /** The newest segment that starts at or before a time. */
  findSegmentAt(camera: CameraId, stream: StreamName, atMs: number): SegmentView | undefined;
  /** A segment by the number in its view. */
  findSegment(id: number): SegmentView | undefined;
  /** The init section with this hash. */
  findInit(hash: string): Uint8Array | undefined;
  /** Bytes of footage kept now, open files included. */
  usedBytes(camera: CameraId): number;
  /** Start of the oldest footage kept. */
  oldestMs(camera: CameraId): number | undefined;
  /** Most bytes of all footage together. */
  totalCapBytes(): number;
  /** Deletes all footage of a camera that is no longer recorded. */
  removeCamera(camera: CameraId): Promise<void>;
  /** The recorder of these segments is gone without closing them: what is whole in their files is closed for it. */
  closeAbandoned(segments: readonly string[]): Promise<void>;
  /** Deletes what is over a cap now; also happens by itself. */
  enforceCaps(): Promise<void>;
  /** Files and rows agree; resolves when the look at start-up is over. */
  readonly reconciled: Promise<void>;
  close(): Promise<void>;
};

const flushMs = 200;
const aliveMs = 5_000;
const enforceMs = 5_000;

/** Opens the index, repairs what was open when the agent ended, and goes on reconciling in the background. */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const { folder, volume, clock, log } = options;
  makeFolder(folder);
  const store = new IndexStore(join(folder, 'index.sqlite'));
  const open = new OpenSegments();
  const startedMs = clock.nowMs();
  const ended = noteStart(store, options.bootId ?? findBootId(startedMs));
  await repairOpen({ store, volume, log });
  noteAbsence(store, ended);
  const retention = await openRetention({ store, volume, log, openBytes: (camera) => open.usedBytes(camera) });
  return new SegmentArchive({ store, open, volume, clock, log, startedMs, retention });
}

type Ended = { readonly aliveMs: number; readonly reason: 'agent-down' | 'power' };

/** How the agent ended the last time: a power cut leaves no clean end and another boot. */
function noteStart(store: IndexStore, bootId: string): Ended | undefined {
  const alive = store.findFact('alive-ms');
  const clean = store.findFact('clean-end') === 'yes';
  const sameBoot = store.findFact('boot-id') === bootId;
  store.setFact('boot-id', bootId);
  store.setFact('clean-end', 'no');
  return alive === undefined
    ? undefined
    : { aliveMs: Number(alive), reason: clean || sameBoot ? 'agent-down' : 'power' };
}

/** From the end of each stream's footage, or from when the agent was last alive if it had stopped before. */
function noteAbsence(store: IndexStore, ended: Ended | undefined): void {
  if (ended === undefined) return;
  for (const { camera, stream, endMs } of store.listEnds()) {
    const stoppedBefore = endMs < ended.aliveMs - 2 * aliveMs;
    store.insertGap(camera, stream, { fromMs: stoppedBefore ? ended.aliveMs : endMs, reason: ended.reason });
  }
}

function findBootId(nowMs: number): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // The machine's start, to half a minute: the clock may have been set since.
    return String(Math.round((nowMs / 1000 - os.uptime()) / 30));
  }
}

type Parts = {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedMs: number;
  readonly retention: Retention;
};

class SegmentArchive implements Archive {
  readonly reconciled: Promise<void>;
  readonly #parts: Parts;
  readonly #timers;
  #flushTimer: { cancel(): void } | undefined;
  #closed = false;

  constructor(parts: Parts) {
    const { store, clock, log, retention } = parts;
    this.#parts = parts;
    const alive = (): void => {
      try {
        store.setFact('alive-ms', String(clock.nowMs()));
      } catch (error) {
        log.error('Could not write the index', { error });
      }
    };
    alive();
    this.#timers = [clock.every(aliveMs, alive), clock.every(enforceMs, () => void retention.enforce())];
    this.reconciled = reconcile({ ...parts, isClosed: () => this.#closed })
      .then(({ alarming }) => void (retention.stopped = alarming))
      .catch((error: unknown) => log.error('Could not reconcile the archive', { error }));
  }

  note(event: ArchiveEvent): void {
    try {
      this.#note(event);
    } catch (error) {
      // A full disk must not stop recording: the file is there and is adopted at the next start.
      this.#parts.log.error('Could not note a recording in the index', { kind: event.kind, error });
    }
  }

  #note(event: ArchiveEvent): void {
    const { store, open } = this.#parts;
    switch (event.kind) {
      case 'segment-opened':
        this.#noteOpened(event);
        break;
      case 'fragment':
        open.append(event);
        break;
      case 'segment-closed':
        open.close(event);
        this.#flushTimer ??= this.#parts.clock.after(flushMs, () => this.#flush());
        break;
      case 'segment-dropped': {
        const row = store.findSegment(open.forget(event.segment) ?? -1);
        if (row !== undefined) store.deleteSegment(row);
        break;
      }
      case 'gap':
        store.insertGap(event.camera, event.stream, event);
        break;
    }
  }

  #noteOpened(event: SegmentOpened): void {
    const { store, open } = this.#parts;
    const { camera, stream, path, run, startWallMs: startMs, startTicks, clockRateHz, codecString, initHash } = event;
    const row = { camera, stream, path, run, startMs, startTicks, clockRateHz, codecString, initHash };
    open.add(
      store.transaction(() => store.insertSegment(row, event.init)),
      event,
    );
  }

  /** Rows of what has been closed, in one transaction. */
  #flush(): void {
    const { store, open, log, retention } = this.#parts;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    const closed = open.takeClosed();
    if (closed.length === 0) return;
    try {
      store.transaction(() => {
        for (const { row } of closed) store.closeSegment(row);
      });
      for (const { segment } of closed) open.forget(segment);
      void retention.enforce();
    } catch (error) {
      log.error('Could not write the index; trying again', { error });
      if (!this.#closed) this.#flushTimer = this.#parts.clock.after(aliveMs, () => this.#flush());
    }
  }

  setCamera(camera: CameraId, facts: { readonly addedMs: number; readonly capBytes?: number | undefined }): void {
    this.#parts.store.noteCamera(camera, facts.addedMs);
    this.#parts.retention.setCap(camera, facts.capBytes);
  }

  setTotalCap(capBytes: number | undefined): void {
    this.#parts.retention.setTotalCap(capBytes);
  }

  totalCapBytes(): number {
    return this.#parts.retention.totalCapBytes();
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
    return store.listOldest(1, camera)[0]?.startMs ?? open.list(camera)[0]?.startMs;
  }

  async removeCamera(camera: CameraId): Promise<void> {
    const { store, open, volume } = this.#parts;
    this.#flush();
    await volume.removeFolder(camera);
    open.forgetCamera(camera);
    this.#parts.retention.setCap(camera, undefined);
    store.transaction(() => store.deleteCamera(camera));
  }

  async closeAbandoned(segments: readonly string[]): Promise<void> {
    const { store, open, volume, log } = this.#parts;
    for (const segment of segments) {
      const row = store.findSegment(open.findId(segment) ?? -1);
      if (row?.open !== true || this.#closed) continue;
      await repairSegment({ store, volume, log }, row);
      open.forget(segment);
    }
  }

  enforceCaps(): Promise<void> {
    this.#flush();
    return this.#parts.retention.enforce();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    for (const timer of this.#timers) timer.cancel();
    this.#flushTimer?.cancel();
    await this.reconciled;
    await this.#parts.retention.enforce();
    const { store, clock } = this.#parts;
    store.setFact('alive-ms', String(clock.nowMs()));
    store.setFact('clean-end', 'yes');
    store.close();
  }
}
