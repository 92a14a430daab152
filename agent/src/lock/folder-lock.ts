import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HouseError } from '@porchlight/base/errors';

/** Held until closed or until the process ends, however it ends. */
export type FolderLock = { close(): void };

/**
 * Makes sure that one agent uses a folder: an exclusive SQLite transaction that the system lets go of even on `kill -9`.
 * Throws `HouseError`: `conflict` when another holds it, `unavailable` when the folder cannot be written.
 */
export function openFolderLock(folder: string): FolderLock {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, 'lock.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock?.close();
    if (/locked|busy/i.test(String(cause)))
      throw new HouseError(
        'conflict',
        `Another agent runs with ${folder}: stop it, or choose another folder with --data DIR.`,
        { cause },
      );
    throw new HouseError('unavailable', `Cannot write to ${folder}: choose another folder with --data DIR.`, { cause });
  }
  const held = lock;
  return { close: () => held.close() };
}
