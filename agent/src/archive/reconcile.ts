import { createHash } from 'node:crypto';
import type { IndexStore, SegmentRow } from '#index-store';
import {
  findPlace,
  hashFile,
  isMissing,
  isThere,
  isWritable,
  parseSegmentPath,
  type SegmentPlace,
  type VolumePlace,
  type VolumeSet,
} from '#volume';
import type { Log } from '@porchlight/base/log';
import type { OpenSegments } from './open-segments.ts';
import { quarantine, repairFile } from './repair.ts';

export type ReconcileContext = {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly volumes: VolumeSet;
  readonly log: Log;
  /** Files that start later belong to recorders now running. */
  readonly startedMs: number;
  readonly isClosed: () => boolean;
};

/** A file goes on where the one before ended: they are one run. */
const sameRunMs = 250;
/** More than this share of all segments missing at once is no accident of one file: a disk is not there. */
const alarmingShare = 0.05;

/**
 * Segments listed as open when the agent ended: cut to their last whole fragment, closed; their hash comes later.
 * Few (≤ 2 per stream), so recording waits for it. A file that cannot be read stays listed until its volume is back, or the next start.
 */
export async function repairOpen(context: RepairContext, isRecorded: (row: SegmentRow) => boolean): Promise<void> {
  for (const row of context.store.listOpen()) if (!isRecorded(row)) await repairSegment(context, row);
}

export type RepairContext = Pick<ReconcileContext, 'store' | 'volumes' | 'log'>;

/** One of them. Never rejects. */
export async function repairSegment({ store, volumes, log }: RepairContext, row: SegmentRow): Promise<void> {
  const place = findPlace(volumes, row.volume);
  if (place === undefined || !isWritable(place)) return;
  try {
    const found = await repairFile(place.volume, row.path);
    if (found === undefined) {
      await place.volume.remove(row.path); // an init section alone, or less: nothing was recorded
      store.deleteSegment(row, 'unreadable');
      return;
    }
    const endMs = Math.round(row.startMs + (found.shownEndTicks * 1000) / row.clockRateHz);
    store.transaction(() => store.closeSegment({ ...found, id: row.id, endMs }));
    log.info('Repaired a recording that was left open', { path: row.path, sizeBytes: found.sizeBytes });
  } catch (error) {
    if (isMissing(error)) store.deleteSegment(row, 'missing');
    else log.error('Could not repair a recording', { path: row.path, error });
  }
}

/** What a look at all volumes found: so much missing that nothing may be deleted until it is back, or nothing. */
export type Look = { readonly missing: number; readonly of: number } | undefined;

/** Rows whose files are missing. While there are too many for an accident they are only counted: there may be millions. */
class Missing {
  readonly of: number;
  count = 0;
  readonly #paths: string[] = [];

  constructor(of: number) {
    this.of = of;
  }

  get isMuch(): boolean {
    return this.count > 10 && this.count > this.of * alarmingShare;
  }

  get paths(): readonly string[] {
    return this.#paths;
  }

  add(paths: readonly string[]): void {
    this.count += paths.length;
    if (!this.isMuch) for (const path of paths) this.#paths.push(path);
  }
}

/** Makes files and rows of every volume that is there agree, both ways; starting again is always safe. */
export async function reconcile(context: ReconcileContext): Promise<Look> {
  const { store, log, volumes } = context;
  const missing = new Missing(store.countSegments());
  for (const place of volumes.list()) {
    if (isThere(place)) await reconcileVolume({ ...context, place, missing });
    if (context.isClosed()) return undefined;
  }
  if (missing.isMuch) {
    log.error('Much footage is missing: nothing is deleted until it is back', { segments: missing.count });
    return { missing: missing.count, of: missing.of };
  }
  for (const path of missing.paths) {
    const row = store.findByPath(path);
    if (row === undefined) continue;
    store.transaction(() => {
      store.deleteSegment(row, 'missing');
      store.insertGap(row.camera, row.stream, { fromMs: row.startMs, reason: 'unknown' });
    });
    log.warn('A recording is gone from the disk', { path });
  }
  await hashRest(context);
  return undefined;
}

type OnVolume = ReconcileContext & { readonly place: VolumePlace; readonly missing: Missing };

/** Every day folder that is there or has rows, one after the other, so that others get their turn in between. */
async function reconcileVolume(context: OnVolume): Promise<void> {
  const { store, place } = context;
  const folders = new Set([...(await listDayFolders(context)), ...store.listFolders(place.id)]);
  for (const folder of folders) {
    if (context.isClosed()) return;
    await reconcileFolder(context, folder);
  }
}

async function listDayFolders({ place: { volume }, isClosed }: OnVolume): Promise<string[]> {
  const folders: string[] = [];
  for (const camera of await volume.list('')) {
    if (!camera.folder || camera.name === 'quarantine') continue;
    for (const stream of await volume.list(camera.name)) {
      if (!stream.folder || isClosed()) continue;
      for (const day of await volume.list(`${camera.name}/${stream.name}`)) {
        if (day.folder) folders.push(`${camera.name}/${stream.name}/${day.name}`);
      }
    }
  }
  return folders;
}

/** One day of one stream. */
async function reconcileFolder(context: OnVolume, folder: string): Promise<void> {
  const { store, open, place, log } = context;
  const entries = await place.volume.list(folder);
  const names = new Set(entries.map(({ name }) => name));
  for (const entry of entries) {
    const path = `${folder}/${entry.name}`;
    if (entry.folder || open.hasPath(path) || store.findByPath(path) !== undefined) continue;
    const from = parseSegmentPath(path);
    if (from !== undefined && from.startWallMs >= context.startedMs) continue;
    if (context.isClosed()) return;
    // A thinned file beside its whole one: the index was lost in between, and the whole one says it all.
    const twin = from?.thinnedFrom !== undefined && names.has(from.thinnedFrom.slice(folder.length + 1));
    try {
      const known = from !== undefined && !twin && (await adopt(context, path, from));
      if (!known && isWritable(place)) await quarantine(place.volume, path, log);
    } catch (error) {
      if (!isMissing(error)) log.error('Could not look at a file of the archive', { path, error });
    }
  }
  const gone = store
    .listClosedPaths(place.id, `${folder}/`)
    .filter((path) => !open.hasPath(path) && !names.has(path.slice(folder.length + 1)));
  context.missing.add(gone);
}

/** Gives a file that a recorder has finished without the index hearing of it its row. False: to be tried again. Never rejects. */
export async function adoptFile({ volumes, ...context }: RepairContext, path: string): Promise<boolean> {
  const from = parseSegmentPath(path);
  if (from === undefined || context.store.findByPath(path) !== undefined) return true;
  for (const place of volumes.list().filter(isWritable)) {
    try {
      await adopt({ ...context, place }, path, from);
      return true;
    } catch (error) {
      if (isMissing(error)) continue;
      context.log.warn('Could not adopt a recording yet', { path, error });
      return false;
    }
  }
  return volumes.list().every(isWritable);
}

type Adopting = Pick<OnVolume, 'store' | 'place' | 'log'>;

/** Gives a file without a row its row back; false when nothing in it is whole. */
async function adopt({ store, place, log }: Adopting, path: string, from: SegmentPlace): Promise<boolean> {
  const found = await repairFile(place.volume, path);
  if (found === undefined) return false;
  const { camera, stream, startWallMs: startMs } = from;
  const { init, clockRateHz } = found;
  const initHash = createHash('sha256').update(init).digest('hex').slice(0, 32);
  const before = store.findSegmentAt(camera, stream, startMs);
  const goesOn =
    before !== undefined && before.initHash === initHash && Math.abs(startMs - before.endMs) <= sameRunMs
      ? before
      : undefined;
  store.transaction(() => {
    const id = store.insertSegment(
      {
        camera,
        stream,
        path,
        run: goesOn?.run ?? `adopted-${startMs}`,
        startMs,
        startTicks: goesOn === undefined ? 0 : goesOn.startTicks + goesOn.durationTicks,
        clockRateHz,
        codecString: goesOn?.codecString ?? '',
        initHash,
        volume: place.id,
        ...(from.thinnedFrom === undefined ? {} : { derivedFrom: '' }),
      },
      init,
    );
    const endMs = Math.round(startMs + (found.shownEndTicks * 1000) / clockRateHz);
    store.closeSegment({ ...found, id, endMs });
  });
  log.info('Adopted a recording that the index did not know', { path });
  return true;
}

/** Repaired and adopted files get their hash, one after another. */
export async function hashRest({ store, volumes, log, isClosed }: ReconcileContext): Promise<void> {
  const given = new Set<number>();
  for (;;) {
    const rows = store.listUnhashed(given.size + 16).filter((row) => !given.has(row.id));
    if (rows.length === 0) return;
    for (const row of rows) {
      given.add(row.id);
      if (isClosed()) return;
      try {
        const place = findPlace(volumes, row.volume);
        if (place !== undefined && isThere(place)) store.setHash(row.id, await hashFile(place.volume, row.path));
      } catch (error) {
        log.warn('Could not hash a recording', { path: row.path, error });
      }
      if (isClosed()) return;
    }
  }
}
