import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '#folder';

/**
 * Writes a file that only its owner can read (mode 0600; folders made 0700), whole or not at all: a temporary file is
 * written, synced and renamed over the old one.
 */
export function writeSecretFile(path: string, text: string): void {
  makeFolder(dirname(path));
  const temporary = `${path}.${process.pid}.new`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** The text of a secret file, or undefined when it is not there. Other trouble throws as Node reports it. */
export function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
