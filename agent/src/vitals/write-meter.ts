import { findVolumeTrouble, type Volume, type VolumeFile } from '#volume';
import type { Clock } from '@porchlight/base/clock';

/** Upper bounds of the histogram of write times, in milliseconds; beyond the last stands one more bucket. */
export const writeBoundsMs = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000] as const;

/** What can be wrong with a volume that refuses a write. */
export type WriteTrouble = NonNullable<ReturnType<typeof findVolumeTrouble>>;

/** Writes since the start. Plain data; counters only grow. */
export type WriteFigures = {
  readonly writes: number;
  readonly bytes: number;
  readonly sumMs: number;
  /** Writes by how long they took, one count per bound and one beyond; not cumulative. */
  readonly buckets: readonly number[];
  /** Refused writes by what is wrong with the volume. */
  readonly troubles: Readonly<Partial<Record<WriteTrouble, number>>>;
};

export const noWrites: WriteFigures = {
  ...{ writes: 0, bytes: 0, sumMs: 0, troubles: {} },
  buckets: writeBoundsMs.map(() => 0).concat(0),
};

/** Measures what goes to a volume. Opening a file counts where it is refused; reading is not looked at. */
export type WriteMeter = {
  readonly volume: Volume;
  /** Calls that the disk has not answered yet. */
  readonly underWay: number;
  figures(): WriteFigures;
};

/** Puts a meter before a volume; two readings of the clock for each write are all it costs. */
export function openWriteMeter(volume: Volume, clock: Clock): WriteMeter {
  let [writes, bytes, sumMs] = [0, 0, 0];
  let underWay = 0;
  const buckets = [...noWrites.buckets];
  const troubles: Partial<Record<WriteTrouble, number>> = {};

  const noteTrouble = (error: unknown): void => {
    const trouble = findVolumeTrouble(error);
    if (trouble !== undefined) troubles[trouble] = (troubles[trouble] ?? 0) + 1;
  };
  const guard = async <Value>(work: Promise<Value>): Promise<Value> => {
    underWay++;
    try {
      return await work;
    } catch (error) {
      noteTrouble(error);
      throw error;
    } finally {
      underWay--;
    }
  };
  const write = async (file: VolumeFile, parts: readonly Uint8Array[]): Promise<void> => {
    const startMs = clock.monotonicMs();
    await guard(file.write(parts));
    const tookMs = clock.monotonicMs() - startMs;
    const bucket = writeBoundsMs.findIndex((boundMs) => tookMs <= boundMs);
    buckets[bucket < 0 ? writeBoundsMs.length : bucket]!++;
    writes++;
    sumMs += tookMs;
    for (const part of parts) bytes += part.length;
  };
  const meter = (file: VolumeFile): VolumeFile => ({
    path: file.path,
    ...(file.volume === undefined ? {} : { volume: file.volume }),
    write: (parts) => write(file, parts),
    readBack: (offsetBytes, lengthBytes) => file.readBack(offsetBytes, lengthBytes),
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    sync: () => guard(file.sync()),
    close: () => guard(file.close()),
  });
  const metered: Volume = {
    create: async (path, options) => meter(await guard(volume.create(path, options))),
    openFile: async (path) => meter(await guard(volume.openFile(path))),
    openReader: (path) => volume.openReader(path),
    syncFolder: (path) => guard(volume.syncFolder(path)),
    remove: (path) => volume.remove(path),
    removeFolder: (path) => volume.removeFolder(path),
    move: (from, to) => volume.move(from, to),
    list: (path) => volume.list(path),
    space: () => volume.space(),
  };
  return {
    volume: metered,
    get underWay() {
      return underWay;
    },
    figures: () => ({ writes, bytes, sumMs, buckets: [...buckets], troubles: { ...troubles } }),
  };
}

/** Both together: figures of several threads, or of one before and after it died. */
export function addWrites(a: WriteFigures, b: WriteFigures): WriteFigures {
  const troubles: Partial<Record<WriteTrouble, number>> = { ...a.troubles };
  for (const [trouble, count] of Object.entries(b.troubles) as [WriteTrouble, number][]) {
    troubles[trouble] = (troubles[trouble] ?? 0) + count;
  }
  return {
    writes: a.writes + b.writes,
    bytes: a.bytes + b.bytes,
    sumMs: a.sumMs + b.sumMs,
    buckets: a.buckets.map((count, index) => count + (b.buckets[index] ?? 0)),
    troubles,
  };
}
