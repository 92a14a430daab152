import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { randomFillSync } from 'node:crypto';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '@porchlight/base/log';

/** Of the disk, and at most: what a disk's floor (1 %) leaves room for. */
const fileShare = 1 / 400;
const mostFileBytes = 2 << 20;
const slackShare = 1 / 100;
const mostSlackBytes = 16 << 20;
/** Written at a time, so that nobody waits for it. */
const stepBytes = 1 << 20;
const sqliteFull = 13;
/** SQLITE_IOERR_SHMSIZE: no room for the memory that is shared. */
const noShared = 4874;

/** SQLite had no room for what it was to write. */
export function isIndexFull(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' && ((code & 0xff) === sqliteFull || code === noShared);
}

export type IndexReserveOptions = {
  /** The file that is given up. */
  readonly path: string;
  readonly log: Log;
};

/**
 * Room for the index on a disk that is full. Most of it lies within the database, as pages that are allocated and free: nobody else can take them,
 * and rows that go give them back. A file beside it is given up when SQLite finds no room all the same, as when it is opened on a full disk.
 */
export class IndexReserve {
  readonly #options: IndexReserveOptions;

  constructor(options: IndexReserveOptions) {
    this.#options = options;
  }

  /** What can be done for a write that had no room, the cheapest first; each says whether it has done anything. No `db`: it is being opened. */
  measures(db?: DatabaseSync): readonly (() => boolean)[] {
    if (db === undefined) return [() => this.#release()];
    return [() => tryTo(() => rewindLog(db)), () => tryTo(() => dropRows(db)), () => this.#release()];
  }

  /** Makes a part of what is missing, if there is room for it and more. Called again and again. */
  keep(db: DatabaseSync): void {
    const { bavail, blocks, bsize } = statfsSync(dirname(this.#options.path));
    const freeBytes = bavail * bsize;
    const totalBytes = blocks * bsize;
    this.#keepFile(Math.floor(Math.min(mostFileBytes, totalBytes * fileShare)), freeBytes);
    keepSlack(db, Math.min(mostSlackBytes, totalBytes * slackShare), freeBytes);
  }

  #release(): boolean {
    const { path, log } = this.#options;
    if (findSize(path) === undefined) return false;
    rmSync(path, { force: true });
    log.warn(
      'The disk with the index is full: its reserve has been given up. Free space on it, or let Porchlight use less of it',
    );
    return true;
  }

  #keepFile(wantedBytes: number, freeBytes: number): void {
    const { path } = this.#options;
    if (findSize(path) === wantedBytes || freeBytes < 2 * wantedBytes) return;
    const file = openSync(path, 'w', 0o600);
    try {
      // Not zeros: file systems that compress would keep nothing.
      writeSync(file, randomFillSync(Buffer.allocUnsafe(wantedBytes)));
      fsyncSync(file);
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  }
}

/**
 * Rows of nothing are made one by one until they take what is wanted, and then taken away together: their pages stay in the file, free. The
 * write-ahead log has grown by a step on the way, and is written anew from its beginning.
 */
function keepSlack(db: DatabaseSync, wantedBytes: number, freeBytes: number): void {
  const read = (name: string): number => Number(db.prepare(`pragma ${name}`).get()![name]);
  const { held } = db.prepare('select coalesce(sum(length(bytes)), 0) as held from reserve').get() as { held: number };
  if (held === 0 && read('freelist_count') * read('page_size') >= wantedBytes / 2) return;
  if (held >= wantedBytes) {
    dropRows(db);
    return;
  }
  // Once in the log, once in the database.
  if (freeBytes < 4 * stepBytes) return;
  db.exec(`insert into reserve (bytes) values (randomblob(${stepBytes}))`);
  db.exec('pragma wal_checkpoint(passive)');
}

/** False when there were none. */
function dropRows(db: DatabaseSync): boolean {
  return db.prepare('delete from reserve').run().changes !== 0;
}

/** What is in the log goes into the database, whose pages are there; the log is written from its beginning then, without growing. */
function rewindLog(db: DatabaseSync): boolean {
  return db.prepare('pragma wal_checkpoint(restart)').get()?.['busy'] === 0;
}

function tryTo(measure: () => boolean): boolean {
  try {
    return measure();
  } catch {
    return false;
  }
}

function findSize(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
