import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HouseError } from '@porchlight/base/errors';
import { makeToken, readSecretFile, writeSecretFile } from '@porchlight/base/secrets';

/** The hub's part of the data folder, held by this process alone. */
export type DataFolder = {
  /** Path of a file inside. */
  path(name: string): string;
  /** The text of a secret file, made on first use. */
  secret(name: string, make: () => string): string;
  /** Tokens in the house's folder for programs on this machine; the owner's is new with each start. */
  readonly tokens: { readonly owner: string; readonly metrics: string };
  close(): void;
};

/**
 * Takes hold of a folder. The lock is an open exclusive SQLite transaction: the system frees it when the process ends, however it ends. Throws
 * `HouseError('conflict')` when another hub has it and `unavailable` when it cannot be written.
 */
export function openDataFolder(folder: string): DataFolder {
  const lock = openLock(folder);
  const path = (name: string): string => join(folder, name);
  const secret = (file: string, make: () => string): string => {
    const old = readSecretFile(file);
    if (old !== undefined && old.trim() !== '') return old;
    const made = make();
    writeSecretFile(file, made);
    return made;
  };
  const house = dirname(folder);
  const owner = makeToken();
  writeSecretFile(join(house, 'local.token'), `${owner}\n`);
  const metrics = secret(join(house, 'metrics.token'), () => `${makeToken()}\n`).trim();
  return {
    path,
    secret: (name, make) => secret(path(name), make),
    tokens: { owner, metrics },
    close: () => lock.close(),
  };
}

/** Makes a folder and those above it. Not by `recursive`: that never returns where a file system says ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

function openLock(folder: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    makeFolder(folder);
    lock = new DatabaseSync(join(folder, 'lock.sqlite'));
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (cause) {
    lock?.close();
    if (/locked|busy/i.test(String(cause))) {
      const message = `Another Porchlight runs with ${dirname(folder)}: stop it, or choose another folder with --data DIR.`;
      throw new HouseError('conflict', message, { cause });
    }
    const message = `Cannot write to ${folder}: choose another folder with --data DIR.`;
    throw new HouseError('unavailable', message, { cause });
  }
}
