import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { toTroubleError, type VolumeGuard } from '#volume';
import { makeFolder } from '@porchlight/base/folder';

/** Lies at the root of every volume and says which one it is. */
export const identityFile = 'porchlight-volume.json';
const identitySchema = z.object({ v: z.literal(1), volume: z.string().min(1).max(64) });

/** What a root holds: an identity (`volume` undefined when it cannot be understood), or nothing. */
export type FoundIdentity = { readonly volume: string | undefined } | undefined;

/** Reads the identity at a root. Undefined: there is none. Throws as Node reports it when the disk fails. */
export async function readIdentity(root: string): Promise<FoundIdentity> {
  let text: string;
  try {
    text = await fs.promises.readFile(join(root, identityFile), 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  try {
    return { volume: identitySchema.parse(JSON.parse(text)).volume };
  } catch {
    return { volume: undefined };
  }
}

/** Gives a root an identity of its own, durably; made when missing. Rejects as Node reports it. */
export async function writeIdentity(root: string): Promise<string> {
  makeFolder(root);
  const volume = randomUUID();
  const part = join(root, `${identityFile}.part`);
  const file = await fs.promises.open(part, 'w', 0o640);
  try {
    await file.writeFile(`${JSON.stringify({ v: 1, volume })}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.promises.rename(part, join(root, identityFile));
  for (const folder of [root, dirname(root)]) await syncFolder(folder);
  return volume;
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether the disk at a root is the one with this identity; a file that has not changed since is not read again. */
export class IdentityGuard implements VolumeGuard {
  readonly #root: string;
  readonly #identity: string;
  #known: { readonly device: number; readonly inode: number; readonly changedMs: number } | undefined;

  constructor(root: string, identity: string) {
    this.#root = root;
    this.#identity = identity;
  }

  async verify(): Promise<void> {
    const state = await this.look();
    if (state !== undefined) throw toTroubleError(state);
  }

  /** What is wrong; undefined when nothing is. Throws as Node reports it when the disk fails. */
  async look(): Promise<'missing' | 'wrong' | undefined> {
    let facts: fs.Stats;
    try {
      facts = await fs.promises.stat(join(this.#root, identityFile));
    } catch (error) {
      this.#known = undefined;
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
      throw error;
    }
    const { dev: device, ino: inode, mtimeMs: changedMs } = facts;
    const known = this.#known;
    if (known?.device === device && known.inode === inode && known.changedMs === changedMs) return undefined;
    const found = await readIdentity(this.#root);
    if (found?.volume !== this.#identity) {
      this.#known = undefined;
      return found === undefined ? 'missing' : 'wrong';
    }
    this.#known = { device, inode, changedMs };
    return undefined;
  }

  isSame(device: number): boolean {
    return this.#known?.device === device;
  }
}
