import { dirname, join } from 'node:path';
import { openFolderLock } from '@porchlight/base/lock';
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
 * Takes hold of a folder until closed or until the process ends, however it ends. Throws `HouseError`: `conflict` when
 * another hub has it, `invalid` when it cannot be written.
 */
export function openDataFolder(folder: string): DataFolder {
  const lock = openFolderLock(folder, `Another Porchlight runs with ${dirname(folder)}`);
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
