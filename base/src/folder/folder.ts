import { accessSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { HouseError } from '#errors';

/**
 * Makes a folder and its missing parents, readable by the owner only, and checks that it can be written to.
 * Throws `HouseError` invalid with words. Not `mkdirSync` with `recursive`: that never returns where a parent exists but
 * refuses with ENOENT, as everything below `/proc` does.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  try {
    makeMissing(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new HouseError('invalid', `Cannot write to ${folder} (${reason}): choose another folder with --data DIR.`, {
      fix: 'Choose a folder that this user may write to.',
      cause: error,
    });
  }
}

function makeMissing(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw Object.assign(new Error('Not a folder'), { code: 'ENOTDIR' });
  if (dirname(folder) !== folder) makeMissing(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
