import { createHash } from 'node:crypto';
import type { Volume } from './volume.ts';

const hashChunkBytes = 1 << 20;

/** SHA-256 of a file, hexadecimal, read a piece at a time. */
export async function hashFile(volume: Volume, path: string): Promise<string> {
  const reader = await volume.openReader(path);
  try {
    const hash = createHash('sha256');
    for (let at = 0; at < reader.sizeBytes; at += hashChunkBytes) hash.update(await reader.read(at, hashChunkBytes));
    return hash.digest('hex');
  } finally {
    await reader.close();
  }
}
