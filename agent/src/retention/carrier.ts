import type { IndexStore, KeepingRows, SegmentRow, TaskRow } from '#index-store';
import { parseFragmentTable } from '#index-store';
import {
  findPlace,
  hashFile,
  isMissing,
  isThere,
  isWritable,
  toThinnedPath,
  type Volume,
  type VolumeSet,
} from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import type { VolumeId } from '@porchlight/contract/storage';
import { dayMs, type Budgets } from './budgets.ts';
import type { Retention } from './retention.ts';
import { writeThinFile } from './thin-file.ts';

export type CarrierParts = {
  readonly store: IndexStore;
  readonly rows: KeepingRows;
  readonly volumes: VolumeSet;
  readonly budgets: Budgets;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly log: Log;
};

const batch = 32;
const chunkBytes = 1 << 20;
const partOf = (path: string): string => `${path}.part`;

/**
 * Moves footage on to the next volume and thins it, one file at a time. Each is written down as a task before its first byte and struck off
 * after the old file is gone, so that an end at any point leaves two copies at worst, and the next start knows which one to drop.
 */
export class Carrier {
  /** Bytes that are to move on, as of the last round. */
  movingBytes = 0;
  readonly #parts: CarrierParts;
  #running: Promise<void> | undefined;
  #closed = false;
  /** Files that could not be carried are left alone until then. */
  readonly #later = new Map<number, number>();

  constructor(parts: CarrierParts) {
    this.#parts = parts;
  }

  /** Finishes or undoes what was under way when the agent ended. */
  async resume(): Promise<void> {
    const { store, rows, log } = this.#parts;
    for (const task of rows.listTasks()) {
      const row = store.findSegment(task.segment);
      const done = task.kind === 'move' ? row?.volume === task.toVolume : row?.path === task.toPath;
      try {
        if (done) await this.#volume(task.fromVolume).remove(task.fromPath);
        else {
          await this.#volume(task.toVolume).remove(partOf(task.toPath));
          await this.#volume(task.toVolume).remove(task.toPath);
        }
        rows.deleteTask(task.segment);
      } catch (error) {
        log.warn('Could not finish what was under way', { kind: task.kind, path: task.fromPath, error });
      }
    }
  }

  /** Carries all that is due. A call while one runs joins it. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#parts.log.error('Could not move or thin footage', { error }))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  get #halted(): boolean {
    return this.#closed || this.#parts.retention.stopped !== undefined;
  }

  async #run(): Promise<void> {
    if (this.#halted) return;
    await this.resume();
    for (const camera of this.#parts.store.listCameras()) await this.#thinDue(camera.id);
    await this.#moveDue();
  }

  async #thinDue(camera: CameraId): Promise<void> {
    const { rows, volumes, budgets, clock } = this.#parts;
    const days = budgets.ofCamera(camera).thinAfterDays;
    if (days === undefined) return;
    const beforeMs = clock.nowMs() - days * dayMs;
    for (const { id: volume } of volumes.list().filter(isWritable)) {
      for (let found = batch; found === batch && !this.#halted;) {
        const due = rows.listToThin({ volume, camera }, beforeMs, batch + this.#later.size).filter(this.#isDue);
        found = Math.min(batch, due.length);
        for (const row of due) if (!this.#halted) await this.#try(row, (of) => this.#thin(of));
      }
    }
  }

  async #thin(row: SegmentRow): Promise<void> {
    const { store, rows } = this.#parts;
    const volume = this.#volume(row.volume);
    const toPath = toThinnedPath(row.path);
    const packed = store.findFragments(row.id);
    if (packed === undefined) return;
    const task = { segment: row.id, kind: 'thin', toVolume: row.volume, toPath, ...fromOf(row) } as const;
    rows.addTask(task);
    const file = await writeThinFile(volume, { ...row, fragments: parseFragmentTable(packed) }, toPath);
    if (file === undefined) {
      rows.deleteTask(row.id);
      this.#later.set(row.id, Infinity); // nothing to gain: a file of key frames only
      return;
    }
    if (!this.#isUnchanged(row)) return this.resume();
    store.transaction(() => rows.setThinned(row, { ...file, path: toPath }));
    await this.#strike(task);
  }

  async #moveDue(): Promise<void> {
    const { volumes, store, budgets } = this.#parts;
    this.movingBytes = 0;
    for (const place of volumes.list()) {
      const next = findPlace(volumes, budgets.nextOf(place.id) ?? '');
      if (next === undefined || !isWritable(place) || !isWritable(next)) continue;
      for (const camera of store.listCameras()) await this.#moveCamera(camera.id, place.id, next.id);
      await this.#moveOverCap(place.id, next.id);
    }
  }

  async #moveCamera(camera: CameraId, from: VolumeId, to: VolumeId): Promise<void> {
    const { rows, budgets, clock } = this.#parts;
    const days = budgets.ofVolume(from)?.moveAfterDays;
    if (days === undefined) return;
    const beforeMs = clock.nowMs() - days * dayMs;
    for (let found = batch; found === batch && !this.#halted;) {
      const due = rows.listToMove({ volume: from, camera }, beforeMs, batch + this.#later.size).filter(this.#isDue);
      found = Math.min(batch, due.length);
      this.movingBytes = due.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      for (const row of due) if (!this.#halted) await this.#try(row, (of) => this.#move(of, to));
    }
  }

  /** What is over the cap of a volume moves on, the oldest of any camera first. */
  async #moveOverCap(from: VolumeId, to: VolumeId): Promise<void> {
    const { rows, retention, store } = this.#parts;
    for (;;) {
      const usedBytes = rows.listUsage().reduce((sum, usage) => sum + (usage.volume === from ? usage.bytes : 0), 0);
      const overBytes = usedBytes - retention.capOf(from);
      this.movingBytes = Math.max(0, overBytes);
      if (overBytes <= 0 || this.#halted) return;
      const oldest = store
        .listCameras()
        .flatMap(({ id: camera }) => rows.listToMove({ volume: from, camera }, Infinity, 1 + this.#later.size))
        .filter(this.#isDue)
        .sort((a, b) => a.startMs - b.startMs)[0];
      if (oldest === undefined || !(await this.#try(oldest, (row) => this.#move(row, to)))) return;
    }
  }

  /** Copy, sync, read back, compare, repoint, delete. */
  async #move(row: SegmentRow, to: VolumeId): Promise<void> {
    const { store, rows } = this.#parts;
    const [source, target] = [this.#volume(row.volume), this.#volume(to)];
    await this.#parts.retention.makeRoom(to, row.sizeBytes);
    const task = { segment: row.id, kind: 'move', toVolume: to, toPath: row.path, ...fromOf(row) } as const;
    rows.addTask(task);
    const part = partOf(row.path);
    await target.remove(part);
    await copyFile(source, target, { from: row.path, to: part });
    if ((await hashFile(target, part)) !== row.sha256) {
      await target.remove(part);
      rows.deleteTask(row.id);
      throw new Error('the copy is not what the index says the file is');
    }
    await target.move(part, row.path);
    if (!this.#isUnchanged(row)) return this.resume();
    store.transaction(() => rows.setVolume(row.id, to));
    await this.#strike(task);
  }

  async #strike(task: TaskRow): Promise<void> {
    await this.#volume(task.fromVolume).remove(task.fromPath);
    this.#parts.rows.deleteTask(task.segment);
  }

  /** Meanwhile somebody may have deleted it, or it may have been held: a held file is moved all the same. */
  #isUnchanged(row: SegmentRow): boolean {
    const now = this.#parts.store.findSegment(row.id);
    return now?.path === row.path && now.volume === row.volume;
  }

  readonly #isDue = (row: SegmentRow): boolean => (this.#later.get(row.id) ?? 0) <= this.#parts.clock.nowMs();

  /** One file; trouble is logged and the file left alone for an hour. */
  async #try(row: SegmentRow, work: (row: SegmentRow) => Promise<void>): Promise<boolean> {
    const { clock, log, store } = this.#parts;
    const fresh = store.findSegment(row.id);
    if (fresh === undefined || fresh.path !== row.path || fresh.volume !== row.volume) return true;
    try {
      await work(fresh);
      return true;
    } catch (error) {
      const level = isMissing(error) ? 'error' : 'warn';
      log[level]('Could not carry a recording', { path: row.path, error });
      this.#later.set(row.id, clock.nowMs() + 3_600_000);
      return false;
    }
  }

  #volume(id: VolumeId): Volume {
    const place = findPlace(this.#parts.volumes, id);
    if (place === undefined || !isThere(place)) throw new Error(`the volume ${id} is not there`);
    return place.volume;
  }
}

const fromOf = ({ volume, path }: SegmentRow): { fromVolume: VolumeId; fromPath: string } => ({
  fromVolume: volume,
  fromPath: path,
});

async function copyFile(source: Volume, target: Volume, paths: { from: string; to: string }): Promise<void> {
  const reader = await source.openReader(paths.from);
  try {
    const file = await target.create(paths.to);
    try {
      for (let at = 0; at < reader.sizeBytes; at += chunkBytes) await file.write([await reader.read(at, chunkBytes)]);
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await reader.close();
  }
}
