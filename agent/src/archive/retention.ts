import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import type { IndexStore, SegmentRow } from './index-store.ts';
import type { OpenSegments } from './open-segments.ts';
import type { Volume } from './volume.ts';

export type Retention = {
  setCap(camera: CameraId, capBytes: number | undefined): void;
  /** Undefined: the default, taken once from what was free at the first start. */
  setTotalCap(capBytes: number | undefined): void;
  totalCapBytes(): number;
  /** Deletes what is over a cap or below the floor, oldest first. Calls while one runs join it. */
  enforce(): Promise<void>;
  /** Nothing is deleted while this is true: too much footage is missing to trust what is seen. */
  stopped: boolean;
};

const gib = 2 ** 30;
const defaultMostBytes = 20e9;
const batch = 16;

/** The free space that is never used: 1 % of the volume, at most 1 GiB. */
export function toFloorBytes(totalBytes: number): number {
  return Math.min(gib, Math.floor(totalBytes / 100));
}

/**
 * Deletes footage: a cap per camera, a cap in all, the floor of free space. File first, then row, so that an end in
 * between leaves a row without a file, which reconciliation removes, and never a file that nobody knows.
 */
export async function openRetention(options: {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly volume: Volume;
  readonly log: Log;
}): Promise<Retention> {
  const { store, open, volume, log } = options;
  const caps = new Map<CameraId, number>();
  let totalCap: number | undefined;
  const defaultCap = await findDefaultCap(store, volume);

  const usedBytes = (camera: CameraId, closedBytes: number): number => closedBytes + open.usedBytes(camera);
  const totalBytes = (): number =>
    store.listCameras().reduce((sum, { id, usedBytes: used }) => sum + usedBytes(id, used), 0);
  const remove = async (row: SegmentRow): Promise<void> => {
    await volume.remove(row.path);
    store.transaction(() => {
      store.deleteSegment(row);
      store.noteKeptFrom(row.camera, row.stream === 'main' ? row.endMs : 0);
      store.deleteGaps(row.camera, row.stream, row.startMs);
    });
  };
  /** Deletes the oldest until `enough`, or nothing is left. */
  const removeUntil = async (enough: (freedBytes: number) => boolean, camera?: CameraId): Promise<void> => {
    let freedBytes = 0;
    while (!enough(freedBytes)) {
      const rows = store.listOldest(batch, camera);
      if (rows.length === 0) return;
      for (const row of rows) {
        if (enough(freedBytes)) return;
        await remove(row);
        freedBytes += row.sizeBytes;
      }
    }
  };
  const run = async (): Promise<void> => {
    for (const { id, usedBytes: used } of store.listCameras()) {
      const cap = caps.get(id);
      const overBytes = cap === undefined ? 0 : usedBytes(id, used) - cap;
      if (overBytes > 0) await removeUntil((freed) => freed >= overBytes, id);
    }
    const overBytes = totalBytes() - (totalCap ?? defaultCap);
    if (overBytes > 0) await removeUntil((freed) => freed >= overBytes);
    const space = await volume.space();
    const missingBytes = toFloorBytes(space.totalBytes) - space.freeBytes;
    if (missingBytes > 0) {
      log.warn('Free space is at its floor: the oldest footage goes', { freeBytes: space.freeBytes });
      await removeUntil((freed) => freed >= missingBytes);
    }
  };

  let running: Promise<void> | undefined;
  const retention: Retention = {
    setCap(camera, capBytes) {
      if (capBytes === undefined) caps.delete(camera);
      else caps.set(camera, capBytes);
    },
    setTotalCap: (capBytes) => void (totalCap = capBytes),
    totalCapBytes: () => totalCap ?? defaultCap,
    enforce() {
      if (retention.stopped) return Promise.resolve();
      running ??= run()
        .catch((error: unknown) => log.error('Could not delete old footage', { error }))
        .finally(() => (running = undefined));
      return running;
    },
    stopped: false,
  };
  return retention;
}

/** The smaller of 20 GB and a quarter of what is free at the first start; kept, so that use does not shrink it. */
async function findDefaultCap(store: IndexStore, volume: Volume): Promise<number> {
  const known = Number(store.findFact('default-cap-bytes'));
  if (known > 0) return known;
  const { freeBytes } = await volume.space();
  const capBytes = Math.max(1, Math.floor(Math.min(defaultMostBytes, freeBytes / 4)));
  store.setFact('default-cap-bytes', String(capBytes));
  return capBytes;
}
