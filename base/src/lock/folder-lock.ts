import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HouseError } from '#errors';
import { makeFolder } from '#folder';

/** Held until closed or until the process ends, however it ends. */
export type FolderLock = { close(): void };

/**
 * Makes a folder where it is missing, and sure that one process uses it: an exclusive SQLite transaction, which the system
 * lets go of even on `kill -9`. `taken` begins the words said when another holds it: "Another agent runs with /data".
 * Throws `HouseError`: `conflict` when another holds it, `invalid` when the folder cannot be made or written to.
 */
export function openFolderLock(folder: string, taken: string): FolderLock {
  makeFolder(folder);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder, 'lock.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    throw /locked|busy/i.test(String(cause))
      ? new HouseError('conflict', `${taken}: stop it, or choose another folder with --data DIR.`, { cause })
      : new HouseError('invalid', `Cannot write to ${folder}: choose another folder with --data DIR.`, { cause });
  }
  const held = lock;
  return { close: () => held.close() };
}
