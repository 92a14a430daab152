import { createHash } from 'node:crypto';
import type { IndexStore, SegmentRow } from '#index-store';
import { hashFile, isMissing, parseSegmentPath, type SegmentPlace, type Volume } from '#volume';
import type { Log } from '@porchlight/base/log';
import type { OpenSegments } from './open-segments.ts';
import { quarantine, repairFile } from './repair.ts';

export type ReconcileContext = {
  readonly store: IndexStore;
  readonly open: OpenSegments;
  readonly volume: Volume;
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
 * Few (≤ 2 per stream), so recording waits for it. A file that cannot be read stays listed for the next start.
 */
export async function repairOpen(context: RepairContext): Promise<void> {
  for (const row of context.store.listOpen()) await repairSegment(context, row);
}

type RepairContext = Pick<ReconcileContext, 'store' | 'volume' | 'log'>;

/** One of them. Never rejects. */
export async function repairSegment({ store, volume, log }: RepairContext, row: SegmentRow): Promise<void> {
  try {
    const found = await repairFile(volume, row.path);
    if (found === undefined) {
      await volume.remove(row.path); // an init section alone, or less: nothing was recorded
      store.deleteSegment(row);
      return;
    }
    const endMs = Math.round(row.startMs + (found.durationTicks * 1000) / row.clockRateHz);
    store.transaction(() => store.closeSegment({ ...found, id: row.id, endMs }));
    log.info('Repaired a recording that was left open', { path: row.path, sizeBytes: found.sizeBytes });
  } catch (error) {
    if (isMissing(error)) store.deleteSegment(row);
    else log.error('Could not repair a recording', { path: row.path, error });
  }
}

/**
 * Makes files and rows agree, in the background and both ways; starting again is always safe. Resolves with whether
 * so much is missing that nothing may be deleted until someone has looked.
 */
export async function reconcile(context: ReconcileContext): Promise<{ alarming: boolean }> {
  const { store, log } = context;
  const missing: SegmentRow[] = [];
  const found = await listDayFolders(context);
  if (context.isClosed()) return { alarming: false };
  const folders = new Set(store.listFolders());
  for (const folder of found) {
    folders.delete(folder);
    missing.push(...(await reconcileFolder(context, folder)));
    if (context.isClosed()) return { alarming: false };
  }
  for (const folder of folders) missing.push(...toMissing(context, folder, new Set()));
  if (missing.length > 10 && missing.length > store.countSegments() * alarmingShare) {
    log.error('Much footage is missing: nothing is deleted until it is back', { segments: missing.length });
    return { alarming: true };
  }
  for (const row of missing) {
    store.transaction(() => {
      store.deleteSegment(row);
      store.insertGap(row.camera, row.stream, { fromMs: row.startMs, reason: 'unknown' });
    });
    log.warn('A recording is gone from the disk', { path: row.path });
  }
  await hashRest(context);
  return { alarming: false };
}

async function listDayFolders({ volume, isClosed }: ReconcileContext): Promise<string[]> {
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

/** One day of one stream; gives the rows whose files are missing. */
async function reconcileFolder(context: ReconcileContext, folder: string): Promise<SegmentRow[]> {
  const { store, open, volume, log } = context;
  const names = new Set<string>();
  for (const entry of await volume.list(folder)) {
    names.add(entry.name);
    const path = `${folder}/${entry.name}`;
    if (entry.folder || open.hasPath(path) || store.findByPath(path) !== undefined) continue;
    const place = parseSegmentPath(path);
    if (place !== undefined && place.startWallMs >= context.startedMs) continue;
    if (context.isClosed()) return [];
    try {
      if (place === undefined || !(await adopt(context, path, place))) await quarantine(volume, path, log);
    } catch (error) {
      if (!isMissing(error)) log.error('Could not look at a file of the archive', { path, error });
    }
  }
  return toMissing(context, folder, names);
}

function toMissing({ store, open }: ReconcileContext, folder: string, names: ReadonlySet<string>): SegmentRow[] {
  return store
    .listPaths(`${folder}/`)
    .filter((row) => !row.open && !open.hasPath(row.path) && !names.has(row.path.slice(folder.length + 1)));
}

/** Gives a file without a row its row back; false when nothing in it is whole. */
async function adopt({ store, volume, log }: ReconcileContext, path: string, place: SegmentPlace): Promise<boolean> {
  const found = await repairFile(volume, path);
  if (found === undefined) return false;
  const { camera, stream, startWallMs: startMs } = place;
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
      },
      init,
    );
    const endMs = Math.round(startMs + (found.durationTicks * 1000) / clockRateHz);
    store.closeSegment({ ...found, id, endMs });
  });
  log.info('Adopted a recording that the index did not know', { path });
  return true;
}

/** Repaired and adopted files get their hash, one after another. */
async function hashRest({ store, volume, log, isClosed }: ReconcileContext): Promise<void> {
  const given = new Set<number>();
  for (;;) {
    const rows = store.listUnhashed(given.size + 16).filter((row) => !given.has(row.id));
    if (rows.length === 0) return;
    for (const row of rows) {
      given.add(row.id);
      if (isClosed()) return;
      try {
        store.setHash(row.id, await hashFile(volume, row.path));
      } catch (error) {
        log.warn('Could not hash a recording', { path: row.path, error });
      }
      if (isClosed()) return;
    }
  }
}
