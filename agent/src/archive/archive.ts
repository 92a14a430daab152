import { join } from 'node:path';
import { EventBook, EventFiles, eventsRead, readEventFiles } from '#event-book';
import { IndexReserve, IndexStore, type SegmentView } from '#index-store';
import { openKeeping, type CameraLimits, type Keeping } from '#retention';
import { isThere, toVolumeSet, type Volume, type VolumePlace, type VolumeSet } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { makeFolder } from '@porchlight/base/folder';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import type { Recordings } from '@porchlight/contract/recordings';
import { aliveMs, findBootId, noteAbsence, noteStart } from './agent-end.ts';
import type { ArchiveEvent, EventNoted, SegmentOpened } from './archive-event.ts';
import { FootageAnswers, type RecordedStretch } from './footage-answers.ts';
import { OpenSegments } from './open-segments.ts';
import { adoptFile, hashRest, reconcile, repairOpen, repairSegment } from './reconcile.ts';

export type ArchiveOptions = {
  /** Holds `index.sqlite`; made when missing. */
  readonly folder: string;
  /** Where footage lies: several volumes, or one that is always there. */
  readonly volume: Volume | VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
  /** Tables of others beside the index's own; called before anything is repaired. */
  readonly attach?: (store: IndexStore) => void;
  /** The index could not be written; recording goes on. */
  readonly onIndexTrouble?: (error: unknown) => void;
  /** Differs after every start of the machine: tells a power cut from a crash. */
  readonly bootId?: string;
};

/** What is recorded. One per agent, in the main thread: only it opens the index. */
export type Archive = {
  /** Takes what recorders tell, in the order they told it. */
  note(event: ArchiveEvent): void;
  /** A camera and its limits; again whenever they change. */
  setCamera(camera: CameraId, facts: CameraLimits & { readonly addedMs: number }): void;
  /** What is kept, for how long, where. */
  readonly keeping: Keeping;
  /** Rows and open segments together: what is recorded, and why the rest is not. */
  findSpans(camera: CameraId, fromMs: number, toMs: number): Recordings;
  /** Events that overlap the span, newest first, at most 1000. */
  listEvents(camera: CameraId, span: { fromMs: number; toMs: number }): ListedEvent[];
  /** The event that began or changed last since the start. */
  lastEvent(camera: CameraId): EventNoted | undefined;
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
  /** The newest wall times that each stream of the camera has footage of: no other footage may have them. */
  listRecorded(camera: CameraId): RecordedStretch[];
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

const mostUnwritten = 10_000;
const flushMs = 200;
/** While much is missing it is looked for again. */
const lookAgainMs = 300_000;

/** Opens the index, repairs what was open when the agent ended, and goes on reconciling in the background. */
export async function openArchive(options: ArchiveOptions): Promise<Archive> {
  const { folder, volume, clock, log } = options;
  makeFolder(folder);
  const store = new IndexStore(
    join(folder, 'index.sqlite'),
    new IndexReserve({ path: join(folder, 'index.reserve'), log }),
  );
  options.attach?.(store);
  const open = new OpenSegments();
  const volumes = toVolumeSet(volume);
  const startedMs = clock.nowMs();
  const ended = noteStart(store, options.bootId ?? findBootId(startedMs));
  const openBytes = (camera: CameraId): number => open.usedBytes(camera);
  const keeping = await openKeeping({ folder, store, volumes, clock, log, openBytes });
  await repairOpen({ store, volumes, log }, () => false);
  noteAbsence({ store, log, nowMs: startedMs }, ended);
  const events = new EventBook(store.db, startedMs);
  const { onIndexTrouble } = options;
  return new SegmentArchive({ events, store, open, volumes, clock, log, startedMs, keeping, onIndexTrouble });
}

type Parts = {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly volumes: VolumeSet;
  readonly clock: Clock;
  readonly log: Log;
  readonly startedMs: number;
  readonly keeping: Keeping;
  readonly events: EventBook;
  readonly onIndexTrouble: ArchiveOptions['onIndexTrouble'];
};

class SegmentArchive extends FootageAnswers implements Archive {
  readonly reconciled: Promise<void>;
  readonly keeping: Keeping;
  readonly #parts: Parts;
  readonly #eventFiles: EventFiles;
  readonly #lastEvents = new Map<CameraId, EventNoted>();
  readonly #aliveTimer: Timer;
  readonly #unwatch: () => void;
  /** Closed by recorders while the index could not be written. */
  readonly #unknown = new Set<string>();
  /** Gaps and events that the index had no room for. */
  readonly #unwritten: ArchiveEvent[] = [];
  #flushTimer: Timer | undefined;
  #lookTimer: Timer | undefined;
  #looking: Promise<void>;
  #closed = false;

  constructor(parts: Parts) {
    super(parts);
    const { clock, keeping, volumes } = parts;
    this.#parts = parts;
    this.keeping = keeping;
    this.#eventFiles = new EventFiles({ ...parts, oldestMs: (camera) => this.oldestMs(camera) });
    this.#noteAlive();
    this.#aliveTimer = clock.every(aliveMs, () => {
      this.#noteAlive();
      this.#keepReserve();
      this.#writeRest();
      void this.#adoptUnknown();
    });
    this.#unwatch = volumes.watch?.((place) => this.#onVolume(place)) ?? (() => undefined);
    this.reconciled = this.#looking = this.#look();
  }

  #noteAlive(): void {
    const { store, clock, log } = this.#parts;
    try {
      store.setFact('alive-ms', String(clock.nowMs()));
    } catch (error) {
      log.error('Could not write the index', { error });
      this.#parts.onIndexTrouble?.(error);
    }
  }

  #noteCleanEnd(): void {
    const { store, log } = this.#parts;
    try {
      store.setFact('clean-end', 'yes');
    } catch (error) {
      log.warn('Could not write into the index that the agent ended as it should', { error });
    }
  }

  #keepReserve(): void {
    try {
      this.#parts.store.keepReserve();
    } catch (error) {
      this.#parts.log.debug('No room for the reserve of the index', { error });
    }
  }

  /** Files and rows; while much is missing nothing is deleted, and it is looked for again. */
  async #look(): Promise<void> {
    const { keeping, clock, log } = this.#parts;
    this.#lookTimer?.cancel();
    try {
      const found = await reconcile({ ...this.#parts, isClosed: () => this.#closed });
      if (this.#closed) return;
      await this.#readEvents();
      keeping.setLoss(found && { ...found, sinceMs: keeping.status().stopped?.sinceMs ?? clock.nowMs() });
      if (found) this.#lookTimer = clock.after(lookAgainMs, () => this.#lookAgain());
    } catch (error) {
      log.error('Could not reconcile the archive', { error });
    }
  }

  /** An index made anew knows no events: files beside the footage do. */
  async #readEvents(): Promise<void> {
    const { store, events, volumes } = this.#parts;
    if (store.findFact(eventsRead) !== undefined) return;
    for await (const row of readEventFiles(volumes)) {
      if (this.#closed) return;
      store.transaction(() => events.adopt(row));
    }
    store.setFact(eventsRead, 'yes');
  }

  #lookAgain(): void {
    this.#looking = this.#looking.then(() => (this.#closed ? undefined : this.#look()));
  }

  /** A volume has come or gone. */
  #onVolume(place: VolumePlace): void {
    const { store, volumes, log, open, keeping } = this.#parts;
    if (this.#closed || !isThere(place)) return;
    void repairOpen({ store, volumes, log }, (row) => open.find(row.id) !== undefined).then(() => this.#lookAgain());
    void keeping.enforce();
  }

  async #adoptUnknown(): Promise<void> {
    const { store, volumes, log } = this.#parts;
    if (this.#unknown.size === 0) return;
    for (const segment of [...this.#unknown]) {
      if (this.#closed) return;
      if (await adoptFile({ store, volumes, log }, `${segment}.mp4`)) this.#unknown.delete(segment);
    }
    this.#hashSoon();
  }

  note(event: ArchiveEvent): void {
    try {
      this.#note(event);
    } catch (error) {
      // A full disk must not stop recording: files are adopted once there is room, the rest is written then.
      const lasting = event.kind === 'gap' || event.kind === 'event';
      if (lasting && this.#unwritten.length < mostUnwritten) this.#unwritten.push(event);
      this.#parts.log.error('Could not note a recording in the index', { kind: event.kind, error });
      this.#parts.onIndexTrouble?.(error);
    }
  }

  #writeRest(): void {
    try {
      for (let next = this.#unwritten[0]; next !== undefined; next = this.#unwritten[0]) {
        this.#note(next);
        this.#unwritten.shift();
      }
    } catch {
      // still no room
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
        if (open.findId(event.segment) === undefined) this.#unknown.add(event.segment);
        open.close(event);
        this.#flushTimer ??= this.#parts.clock.after(flushMs, () => this.#flush());
        break;
      case 'segment-dropped': {
        const row = store.findSegment(open.forget(event.segment) ?? -1);
        if (row !== undefined) store.deleteSegment(row, 'missing');
        break;
      }
      case 'gap':
        if (event.reason === 'disk-full') void this.keeping.enforce();
        store.insertGap(event.camera, event.stream, event);
        break;
      case 'event':
        this.#lastEvents.set(event.camera, event);
        this.#eventFiles.note(event);
        store.transaction(() => this.#parts.events.put(event));
        break;
    }
  }

  #noteOpened(event: SegmentOpened): void {
    const { store, open } = this.#parts;
    const { camera, stream, path, run, startWallMs: startMs, startTicks, clockRateHz, codecString, initHash } = event;
    const facts = { startTicks, clockRateHz, codecString, initHash, volume: event.volume };
    const row = { camera, stream, path, run, startMs, ...facts };
    open.add(
      store.transaction(() => store.insertSegment(row, event.init)),
      event,
    );
  }

  /** Rows of what has been closed, in one transaction. */
  #flush(): void {
    const { store, open, log } = this.#parts;
    this.#flushTimer?.cancel();
    this.#flushTimer = undefined;
    const closed = open.takeClosed();
    if (closed.length === 0) return;
    try {
      store.transaction(() => {
        for (const { row } of closed) {
          store.closeSegment(row);
          this.#parts.events.markSegment(row.id);
        }
      });
      for (const { segment } of closed) open.forget(segment);
      void this.keeping.enforce();
    } catch (error) {
      log.error('Could not write the index; trying again', { error });
      this.#parts.onIndexTrouble?.(error);
      if (!this.#closed) this.#flushTimer = this.#parts.clock.after(aliveMs, () => this.#flush());
    }
  }

  setCamera(camera: CameraId, { addedMs, ...limits }: CameraLimits & { readonly addedMs: number }): void {
    this.#parts.store.noteCamera(camera, addedMs);
    this.keeping.setCamera(camera, limits);
  }

  lastEvent(camera: CameraId): EventNoted | undefined {
    return this.#lastEvents.get(camera);
  }

  async removeCamera(camera: CameraId): Promise<void> {
    const { store, open, volumes } = this.#parts;
    if (this.keeping.holds.list(camera).length > 0) {
      const fix = 'Release what is held of this camera first.';
      throw new HouseError('conflict', 'Footage of this camera is held, so none of it is deleted', { fix });
    }
    this.#flush();
    for (const { volume } of volumes.list()) await volume.removeFolder(camera);
    open.forgetCamera(camera);
    this.#parts.events.forgetCamera(camera);
    this.#lastEvents.delete(camera);
    await this.#eventFiles.forgetCamera(camera);
    store.transaction(() => store.deleteCamera(camera, 'owner'));
  }

  async closeAbandoned(segments: readonly string[]): Promise<void> {
    const { store, open, volumes, log } = this.#parts;
    for (const segment of segments) {
      const row = store.findSegment(open.findId(segment) ?? -1);
      if (row?.open !== true || this.#closed) continue;
      await repairSegment({ store, volumes, log }, row);
      this.#parts.events.markSegment(row.id);
      open.forget(segment);
    }
    this.#hashSoon();
  }

  /** What was closed without its hash gets it after whatever is being looked at now. */
  #hashSoon(): void {
    const context = { ...this.#parts, isClosed: () => this.#closed };
    this.#looking = this.#looking
      .then(() => hashRest(context))
      .catch((error: unknown) => this.#parts.log.error('Could not hash recordings', { error }));
  }

  enforceCaps(): Promise<void> {
    this.#flush();
    return this.keeping.enforce();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    for (const timer of [this.#aliveTimer, this.#flushTimer, this.#lookTimer]) timer?.cancel();
    this.#unwatch();
    await this.#eventFiles.close();
    await this.#looking;
    await this.keeping.close();
    const { store } = this.#parts;
    this.#noteAlive();
    this.#noteCleanEnd();
    store.close();
  }
}
