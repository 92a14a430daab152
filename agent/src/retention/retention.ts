import type { IndexStore, KeepingRows, SegmentRow } from '#index-store';
import { findPlace, isWritable, type VolumePlace, type VolumeSet } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { toFloorBytes, toSafeBytes } from '@porchlight/contract/forecast';
import type { CameraId } from '@porchlight/contract/ids';
import type { DeletionRule } from '@porchlight/contract/proof';
import type { VolumeId } from '@porchlight/contract/storage';
import { dayMs, toCapBytes, toDefaultBytes, type Budgets, type Space } from './budgets.ts';
import { OldestQueue } from './oldest-queue.ts';

export type RetentionParts = {
  readonly store: IndexStore;
  readonly rows: KeepingRows;
  readonly volumes: VolumeSet;
  readonly budgets: Budgets;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes of a camera's files that are still being written; they lie on the first volume. */
  readonly openBytes: (camera: CameraId) => number;
};

/** Much footage is missing. */
export type Loss = { readonly sinceMs: number; readonly missing: number; readonly of: number };

type Class = SegmentRow['class'];
/** How segments are taken: `cameras` may be asked again after each. */
type Taking = { readonly rule: DeletionRule; readonly kinds: readonly Kind[]; readonly beforeMs?: number };
type Kind = { readonly class: Class; readonly waiting: boolean };

/** First what nobody waits for; what is owed to another place goes last. */
const inOrder = (...classes: readonly Class[]): Kind[] =>
  [false, true].flatMap((waiting) => classes.map((name) => ({ class: name, waiting })));

/**
 * Deletes footage: budgets per camera and class, a cap per volume, the floor of free space. File first, then row, so that an end in
 * between leaves a row without a file, which reconciliation removes, and never a file that nobody knows.
 */
export class Retention {
  /** Nothing is deleted while this is set: too much footage is missing to trust what is seen. */
  stopped: Loss | undefined;
  /** Segments deleted although their copy elsewhere was owed. */
  lostBeforeOffsite = 0;
  readonly #parts: RetentionParts;
  readonly #spaces = new Map<VolumeId, Space>();
  #running: Promise<void> | undefined;
  #again = false;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** What was free on a volume when it was looked at last. */
  spaceOf(id: VolumeId): Space | undefined {
    return this.#spaces.get(id);
  }

  /** Most bytes of footage on a volume. */
  capOf(id: VolumeId): number {
    const { store, budgets } = this.#parts;
    const defaultBytes = Number(store.findFact(defaultFact(id)) ?? toDefaultBytes(Infinity));
    return toCapBytes(budgets.ofVolume(id), defaultBytes, this.#spaces.get(id));
  }

  /** Looks how much is free on each volume; what can be used until somebody chooses is settled the first time. */
  async measure(): Promise<void> {
    const { store, volumes, log } = this.#parts;
    for (const place of volumes.list()) {
      try {
        const space = await place.volume.space();
        this.#spaces.set(place.id, space);
        if (store.findFact(defaultFact(place.id)) === undefined)
          store.setFact(defaultFact(place.id), String(toDefaultBytes(space.freeBytes)));
      } catch (error) {
        this.#spaces.delete(place.id);
        if (place.state === 'ok') log.warn('Could not measure a volume', { volume: place.id, error });
      }
    }
  }

  /** Deletes what is over a budget or below the floor, oldest first. A call while one runs makes it run once more. Never rejects. */
  enforce(): Promise<void> {
    if (this.stopped !== undefined) return Promise.resolve();
    if (this.#running !== undefined) this.#again = true;
    this.#running ??= this.#enforce()
      .catch((error: unknown) => this.#parts.log.error('Could not delete old footage', { error }))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Deletes the oldest of a volume until so many bytes fit above its floor, for footage that moves there. */
  async makeRoom(id: VolumeId, wantedBytes: number): Promise<void> {
    const place = findPlace(this.#parts.volumes, id);
    if (place === undefined || this.stopped !== undefined) return;
    const { freeBytes, totalBytes } = await place.volume.space();
    const taking: Taking = { rule: 'floor', kinds: inOrder('continuous', 'event') };
    const missingBytes = wantedBytes + toFloorBytes(totalBytes) - freeBytes;
    await this.#free(missingBytes, { places: [place], cameras: () => this.#everyone(), taking });
  }

  async #enforce(): Promise<void> {
    do {
      this.#again = false;
      await this.measure();
      const places = this.#parts.volumes.list().filter(isWritable);
      for (const camera of this.#parts.store.listCameras()) await this.#enforceCamera(camera.id, places);
      const { budgets } = this.#parts;
      for (const place of places) {
        await this.#enforceFloor(place);
        // What is over the cap of a volume that footage moves on from moves on.
        if (budgets.isListed(place.id) && budgets.nextOf(place.id) === undefined) await this.#enforceCap(place);
      }
    } while (this.#again && this.stopped === undefined);
  }

  async #enforceCamera(camera: CameraId, places: readonly VolumePlace[]): Promise<void> {
    const { budgets, clock } = this.#parts;
    const budget = budgets.ofCamera(camera);
    const only = (): CameraId[] => [camera];
    for (const name of ['continuous', 'event'] as const) {
      const { days, bytes } = budget[name] ?? {};
      if (days !== undefined) {
        const taking: Taking = { rule: 'age', kinds: inOrder(name), beforeMs: clock.nowMs() - days * dayMs };
        await this.#free(Infinity, { places, cameras: only, taking });
      }
      if (bytes !== undefined) {
        const overBytes = this.#usedBytes({ camera, class: name }) - bytes;
        await this.#free(overBytes, { places, cameras: only, taking: { rule: 'budget', kinds: inOrder(name) } });
      }
    }
    const capBytes = budgets.capOf(camera);
    if (capBytes === undefined) return;
    const taking: Taking = { rule: 'budget', kinds: inOrder('continuous', 'event') };
    await this.#free(this.#usedBytes({ camera }) - capBytes, { places, cameras: only, taking });
  }

  async #enforceCap(place: VolumePlace): Promise<void> {
    const capBytes = this.capOf(place.id);
    const usedBytes = this.#usedBytes({ volume: place.id });
    if (usedBytes <= capBytes) return;
    const eventBytes = this.#usedBytes({ volume: place.id, class: 'event' });
    const kinds = eventBytes > capBytes / 2 ? inOrder('event', 'continuous') : inOrder('continuous', 'event');
    const room = { places: [place], taking: { rule: 'budget', kinds } } as const;
    const restBytes = await this.#free(usedBytes - capBytes, { ...room, cameras: () => this.#overShare(capBytes) });
    await this.#free(restBytes, { ...room, cameras: () => this.#everyone() });
  }

  /** At the floor the oldest goes at once, whosever it is. */
  async #enforceFloor(place: VolumePlace): Promise<void> {
    const space = this.#spaces.get(place.id);
    if (space === undefined) return;
    const missingBytes = toFloorBytes(space.totalBytes) - space.freeBytes;
    if (missingBytes <= 0) return;
    const { freeBytes } = space;
    this.#parts.log.warn('Free space is at its floor: the oldest footage goes', { volume: place.id, freeBytes });
    const taking: Taking = { rule: 'floor', kinds: inOrder('continuous', 'event') };
    await this.#free(missingBytes, { places: [place], cameras: () => this.#everyone(), taking });
  }

  #everyone(): CameraId[] {
    return this.#parts.store.listCameras().map(({ id }) => id);
  }

  /** Cameras that others' footage may be made room from: over their safe share, or no longer recorded. */
  #overShare(capBytes: number): CameraId[] {
    const { budgets, rows, openBytes } = this.#parts;
    const safeBytes = toSafeBytes(capBytes, budgets.cameras.length);
    const used = new Map<CameraId, number>();
    for (const { camera, bytes } of rows.listUsage()) used.set(camera, (used.get(camera) ?? openBytes(camera)) + bytes);
    return [...used].filter(([camera, bytes]) => !budgets.has(camera) || bytes > safeBytes).map(([camera]) => camera);
  }

  /** Closed footage by the index, and open files where no class or another volume is asked for. */
  #usedBytes(of: { camera?: CameraId; volume?: VolumeId; class?: Class }): number {
    const { rows, volumes, openBytes } = this.#parts;
    let sum = 0;
    for (const usage of of.camera === undefined ? rows.listUsage() : rows.listUsageOf(of.camera)) {
      if (of.volume !== undefined && usage.volume !== of.volume) continue;
      if (of.class === undefined || usage.class === of.class) sum += usage.bytes;
    }
    const open = of.class === 'event' || (of.volume !== undefined && volumes.list()[0]?.id !== of.volume);
    if (open) return sum;
    const cameras = of.camera === undefined ? this.#everyone() : [of.camera];
    return cameras.reduce((total, camera) => total + openBytes(camera), sum);
  }

  /** Deletes the oldest until so much is free, or nothing is left; gives what is still wanted. */
  async #free(
    wantedBytes: number,
    of: { places: readonly VolumePlace[]; cameras: () => Iterable<CameraId>; taking: Taking },
  ): Promise<number> {
    if (wantedBytes <= 0) return 0;
    const { kinds, rule, beforeMs } = of.taking;
    const queue = new OldestQueue(
      this.#parts.rows,
      of.places.map(({ id }) => id),
    );
    let leftBytes = wantedBytes;
    for (const kind of kinds) {
      while (leftBytes > 0 && this.stopped === undefined) {
        const row = queue.take(of.cameras(), kind, beforeMs);
        if (row === undefined) break;
        if (await this.#remove(row, rule)) leftBytes -= row.sizeBytes;
        else queue.skip(row);
      }
    }
    return leftBytes;
  }

  /** False when it could not be removed, or is not to be any more. */
  async #remove({ id }: SegmentRow, rule: DeletionRule): Promise<boolean> {
    const { store, volumes, log } = this.#parts;
    const row = store.findSegment(id);
    const place = row && findPlace(volumes, row.volume);
    if (row === undefined || row.held || place === undefined || !isWritable(place)) return false;
    if (row.offsite === 'wanted') {
      this.lostBeforeOffsite++;
      log.error('Footage is deleted before its copy elsewhere was made', { path: row.path, rule });
    }
    try {
      await place.volume.remove(row.path);
    } catch (error) {
      log.warn('Could not delete a recording', { volume: place.id, path: row.path, error });
      return false;
    }
    store.transaction(() => {
      store.deleteSegment(row, rule);
      store.noteKeptFrom(row.camera, row.stream === 'main' ? row.endMs : 0);
      store.deleteGaps(row.camera, row.stream, row.startMs);
    });
    return true;
  }
}

/** `main` has the name it had when there was one volume. */
const defaultFact = (id: VolumeId): string => (id === 'main' ? 'default-cap-bytes' : `default-cap-bytes:${id}`);
