import type { DatabaseSync } from 'node:sqlite';
import { eventFolder } from '#event-book';
import { chainFolder } from '#proof';
import { hashFile, isThere, parseSegmentPath, type VolumePlace, type VolumeSet } from '#volume';
import type { FsckReport, Oddity } from './report.ts';

export type InspectOptions = {
  /** The index; only read. */
  readonly db: DatabaseSync;
  readonly volumes: VolumeSet;
  readonly nowMs: number;
  readonly running: boolean;
  /** Reads every file and compares its hash. */
  readonly deep: boolean;
};

type Lists = Record<'leftOpen' | 'withoutRow' | 'withoutFile' | 'otherSize' | 'unknown' | 'otherHash', Oddity[]>;
type Row = { readonly path: string; readonly sizeBytes: number; readonly sha256: string | null; readonly open: number };

/** More than this share of all segments missing at once is no accident of one file. */
const alarmingShare = 0.05;
/** A file younger than this may belong to a segment that a running agent has just opened or closed. */
const youngMs = 120_000;

/** Compares files and rows in both directions and changes nothing. A day's folder at a time, so that memory stays bounded. */
export async function inspect(options: InspectOptions): Promise<Omit<FsckReport, 'chain'>> {
  const { db, volumes, running, nowMs } = options;
  const lists: Lists = { leftOpen: [], withoutRow: [], withoutFile: [], otherSize: [], unknown: [], otherHash: [] };
  const sums = { files: 0, sizeBytes: 0 };
  for (const place of volumes.list()) {
    if (!isThere(place)) continue;
    const folders = new Set([...(await listFolders(place, lists)), ...listRowFolders(db, place.id)]);
    for (const folder of [...folders].sort()) await inspectFolder({ ...options, place, lists, sums }, folder);
  }
  const segments = Number(db.prepare('select count(*) as count from segment').get()!['count']);
  return {
    ...{ v: 1, checkedMs: nowMs, running, segments, ...sums, ...lists },
    volumes: volumes.list().map((place) => ({ id: place.id, there: isThere(place) })),
    alarming: lists.withoutFile.length > 10 && lists.withoutFile.length > segments * alarmingShare,
  };
}

/** Day folders on the volume; what lies beside them is no recording. */
async function listFolders({ volume, id }: VolumePlace, lists: Lists): Promise<string[]> {
  const folders: string[] = [];
  const stray = (path: string): void => void lists.unknown.push({ path, volume: id });
  for (const camera of await volume.list('')) {
    if (!camera.folder || camera.name === 'quarantine' || camera.name === chainFolder || camera.name === eventFolder)
      continue;
    for (const stream of await volume.list(camera.name)) {
      if (!stream.folder) stray(`${camera.name}/${stream.name}`);
      for (const day of stream.folder ? await volume.list(`${camera.name}/${stream.name}`) : []) {
        const path = `${camera.name}/${stream.name}/${day.name}`;
        if (day.folder) folders.push(path);
        else stray(path);
      }
    }
  }
  return folders;
}

function listRowFolders(db: DatabaseSync, volume: string): string[] {
  return db
    .prepare(`select distinct rtrim(path, replace(path, '/', '')) as folder from segment where volume = ?`)
    .all(volume)
    .map((row) => (row['folder'] as string).slice(0, -1));
}

type OnFolder = InspectOptions & {
  readonly place: VolumePlace;
  readonly lists: Lists;
  readonly sums: { files: number; sizeBytes: number };
};

async function inspectFolder(context: OnFolder, folder: string): Promise<void> {
  const { place, lists, sums, running, nowMs } = context;
  const rows = listRows(context.db, place.id, folder);
  for (const entry of await place.volume.list(folder)) {
    const path = `${folder}/${entry.name}`;
    const row = rows.get(path);
    rows.delete(path);
    sums.files++;
    sums.sizeBytes += entry.sizeBytes;
    const from = parseSegmentPath(path);
    if (row !== undefined) await inspectFile(context, row, entry.sizeBytes);
    else if (entry.folder || from === undefined) lists.unknown.push({ path, volume: place.id });
    else if (!running || from.startWallMs < nowMs - youngMs) lists.withoutRow.push({ path, volume: place.id });
  }
  for (const row of rows.values()) {
    if (row.open === 1 && running) continue;
    (row.open === 1 ? lists.leftOpen : lists.withoutFile).push({ path: row.path, volume: place.id });
  }
}

function listRows(db: DatabaseSync, volume: string, folder: string): Map<string, Row> {
  const rows = db
    .prepare(
      `select path, size_bytes as sizeBytes, sha256, open from segment where path >= ? and path < ? and volume = ?`,
    )
    .all(`${folder}/`, `${folder}0`, volume) as unknown as Row[];
  return new Map(rows.map((row) => [row.path, row]));
}

async function inspectFile({ place, lists, running, deep }: OnFolder, row: Row, sizeBytes: number): Promise<void> {
  const odd = (list: Oddity[], detail?: string): void =>
    void list.push({ path: row.path, volume: place.id, ...(detail === undefined ? {} : { detail }) });
  if (row.open === 1) {
    if (!running) odd(lists.leftOpen);
  } else if (sizeBytes !== row.sizeBytes) {
    odd(lists.otherSize, `${sizeBytes} bytes, recorded ${row.sizeBytes}`);
  } else if (deep && row.sha256 !== null && (await hashFile(place.volume, row.path)) !== row.sha256) {
    odd(lists.otherHash);
  }
}
