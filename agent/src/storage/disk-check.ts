import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { findVolumeTrouble, openDiskVolume } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { DiskCheck } from '@porchlight/contract/storage';
import { readIdentity } from './volume-identity.ts';

const leastBytes = 64e6;
const testBytes = 8 << 20;
const testName = '.porchlight-check';

/** Writes eight megabytes to a folder, reads them back, takes them away, and tells how that went. Never rejects. */
export async function checkFolder(
  folder: string,
  parts: { readonly clock: Clock; readonly toMostBytes: (totalBytes: number) => number },
): Promise<DiskCheck> {
  try {
    const facts = fs.statSync(folder, { throwIfNoEntry: false });
    if (facts === undefined) {
      const message = `There is no folder ${folder} on the machine that records`;
      return { ok: false, message, fix: 'Make it first, or mount the disk that it is on.' };
    }
    if (!facts.isDirectory()) return { ok: false, message: `${folder} is a file`, fix: 'Give a folder.' };
    const space = await openDiskVolume(folder).space();
    const found = { ...space, mostBytes: parts.toMostBytes(space.totalBytes) };
    if (space.freeBytes < leastBytes)
      return { ok: false, message: 'This disk is full', fix: 'Free some space or choose another.', ...found };
    const elapsedMs = await measureWrite(folder, parts.clock);
    const writeBytesPerSecond = Math.round((testBytes * 1000) / Math.max(1, elapsedMs));
    const known = await readIdentity(folder);
    const message =
      known === undefined ? 'The disk takes what is written to it' : 'This folder is a place for footage already';
    return { ok: true, message, ...found, writeBytesPerSecond };
  } catch (error) {
    return { ok: false, ...toWords(error, folder) };
  }
}

async function measureWrite(folder: string, clock: Clock): Promise<number> {
  const bytes = randomBytes(testBytes);
  const path = join(folder, `${testName}-${randomBytes(6).toString('hex')}`);
  const startMs = clock.monotonicMs();
  try {
    const file = await fs.promises.open(path, 'wx+', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
      const elapsedMs = clock.monotonicMs() - startMs;
      const back = Buffer.alloc(testBytes);
      await file.read(back, 0, testBytes, 0);
      if (!back.equals(bytes)) throw Object.assign(new Error('read back something else'), { code: 'EIO' });
      return elapsedMs;
    } finally {
      await file.close();
    }
  } finally {
    await fs.promises.rm(path, { force: true });
  }
}

function toWords(error: unknown, folder: string): { message: string; fix: string } {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'EACCES' || code === 'EPERM')
    return {
      message: `Porchlight may not write to ${folder}`,
      fix: 'Give the user that it runs as the right to write there.',
    };
  switch (findVolumeTrouble(error)) {
    case 'read-only':
      return { message: 'This disk can only be read', fix: 'Mount it for writing, or choose another.' };
    case 'full':
      return { message: 'This disk is full', fix: 'Free some space or choose another.' };
    default:
      return {
        message: `The disk did not take a test file (${code || 'unknown error'})`,
        fix: 'Check it, or choose another.',
      };
  }
}
