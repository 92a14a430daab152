import { availableParallelism } from 'node:os';
import type { ArchiveEvent, RecordedStretch } from '#archive';
import type { LineConfig, LineReport } from '#line';
import { addWrites, noWrites, type WriteFigures } from '#vitals';
import type { RecordingTarget } from '#storage';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log, LogLevel } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { ShardQuestions, ShardVerb } from './messages.ts';
import { openShardThread, type ShardThread } from './shard-thread.ts';

/** Beyond so many cameras another thread is started, up to the number of cores. */
const camerasPerShard = 64;
/** A shard that died comes back after this; a second death in a row a little later. */
const restartMs = 300;
const maxRestartMs = 2000;

/** What a pool is opened with. */
export type ShardPoolOptions = {
  /** Where recorders write; again by `setTarget`. */
  readonly target: RecordingTarget;
  readonly demoFolder: string;
  /** Shards listen at `<socketPath>.<index>`. */
  readonly socketPath: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly level: LogLevel;
  readonly stallMs?: number;
  /** Where certificates of TLS cameras are remembered; absent: any is taken. */
  readonly pinsFolder?: string;
  /** Most threads; default: one per core. */
  readonly maxShards?: number;
  /** How a thread is started; tests give their own. */
  readonly openThread?: typeof openShardThread;
  /** In the order in which each shard's recorders told them. */
  readonly onEvents: (events: readonly ArchiveEvent[]) => void;
  /** A camera's report has come. */
  readonly onReport: (report: LineReport) => void;
  /** The wall times that a camera has footage of; absent: none. */
  readonly findRecorded?: (camera: CameraId) => readonly RecordedStretch[];
  /** A shard died with these segments open; a gap has been noted for each stream. */
  readonly onAbandoned: (segments: readonly string[]) => void;
};

/** The threads that hold the cameras' lines. */
export type ShardPool = {
  /** The cameras from now on. A camera stays in its shard; a new one goes to the shard with the fewest. */
  apply(cameras: readonly LineConfig[]): void;
  /** Where recorders write from now on. */
  setTarget(target: RecordingTarget): void;
  /** Asks the shard that has the camera; any shard when `camera` is undefined. Throws `HouseError`. */
  ask<Verb extends ShardVerb>(
    camera: CameraId | undefined,
    verb: Verb,
    args: ShardQuestions[Verb]['ask'],
  ): Promise<ShardQuestions[Verb]['answer']>;
  /** Asks every shard. */
  askAll<Verb extends ShardVerb>(
    verb: Verb,
    args: ShardQuestions[Verb]['ask'],
  ): Promise<ShardQuestions[Verb]['answer'][]>;
  /** The local socket of the shard that has the camera. */
  findSocket(camera: CameraId): string | undefined;
  /** The newest report of every camera. */
  readonly reports: ReadonlyMap<CameraId, LineReport>;
  readonly viewers: number;
  readonly restarts: number;
  /** What all threads have written, also those that are gone. */
  readonly writes: WriteFigures;
  /** Finishes every open segment; resolves when the last event has been handed over. */
  close(): Promise<void>;
};

/** Opens a pool with one thread. */
export async function openShardPool(options: ShardPoolOptions): Promise<ShardPool> {
  const pool = new ThreadPool(options);
  await pool.grow(1);
  return pool;
}

type Slot = {
  readonly index: number;
  thread: ShardThread;
  cameras: LineConfig[];
  viewers: number;
  writes: WriteFigures;
  failures: number;
  /** Segments that are open, with their camera and stream. */
  readonly open: Map<string, { readonly camera: CameraId; readonly stream: StreamName; endWallMs: number }>;
  restarting: Timer | undefined;
};

class ThreadPool implements ShardPool {
  readonly #options: ShardPoolOptions;
  readonly #slots: Slot[] = [];
  readonly reports = new Map<CameraId, LineReport>();
  readonly #most: number;
  #wanted: readonly LineConfig[] = [];
  #target: RecordingTarget;
  #growing: Promise<void> = Promise.resolve();
  #closed = false;
  #lostWrites = noWrites;
  restarts = 0;

  constructor(options: ShardPoolOptions) {
    this.#options = options;
    this.#target = options.target;
    this.#most = Math.max(1, options.maxShards ?? availableParallelism());
  }

  get viewers(): number {
    return this.#slots.reduce((sum, { viewers }) => sum + viewers, 0);
  }

  get writes(): WriteFigures {
    return this.#slots.reduce((sum, { writes }) => addWrites(sum, writes), this.#lostWrites);
  }

  /** Starts threads until there are so many. */
  async grow(count: number): Promise<void> {
    while (this.#slots.length < count && !this.#closed) {
      const index = this.#slots.length;
      const slot: Partial<Slot> = {
        index,
        cameras: [],
        viewers: 0,
        writes: noWrites,
        failures: 0,
        open: new Map(),
        restarting: undefined,
      };
      slot.thread = await this.#start(slot as Slot);
      this.#slots.push(slot as Slot);
    }
  }

  apply(cameras: readonly LineConfig[]): void {
    this.#wanted = cameras;
    const count = Math.min(this.#most, Math.max(1, Math.ceil(cameras.length / camerasPerShard)));
    this.#growing = this.#growing
      .then(() => this.grow(count))
      .catch((error: unknown) => this.#options.log.error('Another shard could not be started', { error }))
      .then(() => this.#assign());
  }

  setTarget(target: RecordingTarget): void {
    this.#target = target;
    for (const { thread } of this.#slots) thread.post({ kind: 'target', target });
  }

  async ask<Verb extends ShardVerb>(
    camera: CameraId | undefined,
    verb: Verb,
    args: ShardQuestions[Verb]['ask'],
  ): Promise<ShardQuestions[Verb]['answer']> {
    const slot = camera === undefined ? this.#slots[0] : this.#findSlot(camera);
    if (!slot)
      throw new HouseError('not-found', 'This agent has no such camera', { fix: 'Choose a camera from the list.' });
    return slot.thread.ask(verb, args);
  }

  askAll<Verb extends ShardVerb>(
    verb: Verb,
    args: ShardQuestions[Verb]['ask'],
  ): Promise<ShardQuestions[Verb]['answer'][]> {
    return Promise.all(this.#slots.map(({ thread }) => thread.ask(verb, args)));
  }

  findSocket(camera: CameraId): string | undefined {
    const slot = this.#findSlot(camera);
    return slot && this.#socketPath(slot.index);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#growing;
    await Promise.all(
      this.#slots.map(async ({ thread, restarting }) => {
        restarting?.cancel();
        await thread.close();
      }),
    );
  }

  #findSlot(camera: CameraId): Slot | undefined {
    return this.#slots.find(({ cameras }) => cameras.some(({ id }) => id === camera));
  }

  #socketPath(index: number): string {
    return `${this.#options.socketPath}.${index}`;
  }

  #assign(): void {
    const wanted = new Map(this.#wanted.map((camera) => [camera.id, camera]));
    for (const id of this.reports.keys()) if (!wanted.has(id)) this.reports.delete(id);
    for (const slot of this.#slots) {
      slot.cameras = slot.cameras.flatMap(({ id }) => wanted.get(id) ?? []);
      for (const { id } of slot.cameras) wanted.delete(id);
    }
    for (const camera of wanted.values()) {
      const least = this.#slots.reduce((a, b) => (b.cameras.length < a.cameras.length ? b : a));
      least.cameras.push(camera);
    }
    for (const { thread, cameras } of this.#slots)
      this.#apply(
        thread,
        cameras,
        cameras.filter(({ id }) => wanted.has(id)),
      );
  }

  /** A thread knows by itself what it has recorded; of cameras that are new to it, and after a death of all, it is told. */
  #apply(thread: ShardThread, cameras: readonly LineConfig[], added: readonly LineConfig[]): void {
    const recorded = added.flatMap(({ id }) => this.#options.findRecorded?.(id) ?? []);
    thread.post({ kind: 'apply', cameras, recorded });
  }

  async #start(slot: Slot): Promise<ShardThread> {
    const { demoFolder, clock, log, level, stallMs, pinsFolder, openThread = openShardThread } = this.#options;
    const { index } = slot;
    return openThread({
      setup: {
        index,
        target: this.#target,
        demoFolder,
        level,
        socketPath: this.#socketPath(index),
        ...(stallMs === undefined ? {} : { stallMs }),
        ...(pinsFolder === undefined ? {} : { pinsFolder }),
      },
      clock,
      log,
      onEvents: (events) => this.#onEvents(slot, events),
      onReports: (reports, { viewers, writes }) => {
        slot.viewers = viewers;
        slot.writes = writes;
        slot.failures = 0;
        for (const report of reports) {
          if (!slot.cameras.some(({ id }) => id === report.id)) continue;
          this.reports.set(report.id, report);
          this.#options.onReport(report);
        }
      },
      onDied: () => this.#onDied(slot),
    });
  }

  #onEvents({ open }: Slot, events: readonly ArchiveEvent[]): void {
    for (const event of events) {
      if (event.kind === 'segment-opened')
        open.set(event.segment, { camera: event.camera, stream: event.stream, endWallMs: event.startWallMs });
      else if (event.kind === 'fragment') {
        const segment = open.get(event.segment);
        if (segment) segment.endWallMs = event.endWallMs;
      } else if (event.kind === 'segment-closed' || event.kind === 'segment-dropped') open.delete(event.segment);
    }
    this.#options.onEvents(events);
  }

  /** The gap is noted from the last fragment known to be written; the thread comes back with its cameras. */
  #onDied(slot: Slot): void {
    if (this.#closed) return;
    const { clock, log, onEvents, onAbandoned } = this.#options;
    const gaps = [...slot.open.values()].map(({ camera, stream, endWallMs }): ArchiveEvent => {
      return { kind: 'gap', camera, stream, fromMs: endWallMs, reason: 'agent-down' };
    });
    this.#lostWrites = addWrites(this.#lostWrites, slot.writes);
    slot.writes = noWrites;
    const abandoned = [...slot.open.keys()];
    slot.open.clear();
    if (abandoned.length > 0) onAbandoned(abandoned);
    if (gaps.length > 0) onEvents(gaps);
    const delayMs = Math.min(maxRestartMs, restartMs * 2 ** slot.failures++);
    log.error('A shard died; it is started again', { shard: slot.index, cameras: slot.cameras.length, delayMs });
    this.restarts++;
    slot.restarting = clock.after(delayMs, () => {
      this.#start(slot).then(
        (thread) => {
          slot.thread = thread;
          this.#apply(thread, slot.cameras, slot.cameras);
        },
        () => this.#onDied(slot),
      );
    });
  }
}
