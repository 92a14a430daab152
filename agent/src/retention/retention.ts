import type { IndexStore, SegmentRow } from '#index-store';
import type { Volume } from '#volume';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';

const gib = 2 ** 30;
const defaultMostBytes = 20e9;
const batch = 16;

export type RetentionParts = {
  readonly store: IndexStore;
  readonly volume: Volume;
  readonly log: Log;
  /** Bytes of a camera's files that are still being written. */
  readonly openBytes: (camera: CameraId) => number;
};

/** The free space that is never used: 1 % of the volume, at most 1 GiB. */
export function toFloorBytes(totalBytes: number): number {
  return Math.min(gib, Math.floor(totalBytes / 100));
}

/**
 * Deletes footage: a cap per camera, a cap in all, the floor of free space. File first, then row, so that an end in
 * between leaves a row without a file, which reconciliation removes, and never a file that nobody knows.
 */
export class Retention {
  /** Nothing is deleted while this is true: too much footage is missing to trust what is seen. */
  stopped = false;
  readonly #parts: RetentionParts;
  readonly #defaultCapBytes: number;
  readonly #caps = new Map<CameraId, number>();
  #totalCapBytes: number | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: RetentionParts, defaultCapBytes: number) {
    this.#parts = parts;
    this.#defaultCapBytes = defaultCapBytes;
  }

  setCap(camera: CameraId, capBytes: number | undefined): void {
    if (capBytes === undefined) this.#caps.delete(camera);
    else this.#caps.set(camera, capBytes);
  }

  /** Undefined: the default, taken once from what was free at the first start. */
  setTotalCap(capBytes: number | undefined): void {
    this.#totalCapBytes = capBytes;
  }

  totalCapBytes(): number {
    return this.#totalCapBytes ?? this.#defaultCapBytes;
  }

  /** Deletes what is over a cap or below the floor, oldest first. Calls while one runs join it. Never rejects. */
  enforce(): Promise<void> {
    if (this.stopped) return Promise.resolve();
    this.#running ??= this.#enforce()
      .catch((error: unknown) => this.#parts.log.error('Could not delete old footage', { error }))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #enforce(): Promise<void> {
    const { store, volume, log } = this.#parts;
    for (const [camera, capBytes] of this.#caps) {
      const overBytes = this.#usedBytes(camera, store.findCamera(camera)?.usedBytes ?? 0) - capBytes;
      if (overBytes > 0) await this.#free(overBytes, camera);
    }
    const usedBytes = store.listCameras().reduce((sum, { id, usedBytes: used }) => sum + this.#usedBytes(id, used), 0);
    if (usedBytes > this.totalCapBytes()) await this.#free(usedBytes - this.totalCapBytes());
    const { freeBytes, totalBytes } = await volume.space();
    const missingBytes = toFloorBytes(totalBytes) - freeBytes;
    if (missingBytes <= 0) return;
    log.warn('Free space is at its floor: the oldest footage goes', { freeBytes });
    await this.#free(missingBytes);
  }

  #usedBytes(camera: CameraId, closedBytes: number): number {
    return closedBytes + this.#parts.openBytes(camera);
  }

  /** Deletes the oldest until so much is free, or nothing is left. */
  async #free(wantedBytes: number, camera?: CameraId): Promise<void> {
    for (let freedBytes = 0; freedBytes < wantedBytes;) {
      const rows = this.#parts.store.listOldest(batch, camera);
      if (rows.length === 0) return;
      for (const row of rows) {
        if (freedBytes >= wantedBytes) return;
        await this.#remove(row);
        freedBytes += row.sizeBytes;
      }
    }
  }

  async #remove(row: SegmentRow): Promise<void> {
    const { store, volume } = this.#parts;
    await volume.remove(row.path);
    store.transaction(() => {
      store.deleteSegment(row);
      store.noteKeptFrom(row.camera, row.stream === 'main' ? row.endMs : 0);
      store.deleteGaps(row.camera, row.stream, row.startMs);
    });
  }
}

/** Opens retention with its default: the smaller of 20 GB and a quarter of what was free at the very first start. */
export async function openRetention(parts: RetentionParts): Promise<Retention> {
  const { store, volume } = parts;
  const known = Number(store.findFact('default-cap-bytes'));
  if (known > 0) return new Retention(parts, known);
  const { freeBytes } = await volume.space();
  const capBytes = Math.max(1, Math.floor(Math.min(defaultMostBytes, freeBytes / 4)));
  store.setFact('default-cap-bytes', String(capBytes));
  return new Retention(parts, capBytes);
}
