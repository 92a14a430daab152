import { HouseError } from '@porchlight/base/errors';
import type { Volume } from './volume.ts';

/** Appends lines to a file, which is made if need be, and makes them durable. */
export async function appendLines(volume: Volume, path: string, lines: readonly string[]): Promise<void> {
  const file = await volume.openFile(path).catch((error: unknown) => {
    if (error instanceof HouseError && error.kind === 'not-found') return volume.create(path);
    throw error;
  });
  try {
    // A line cut off by a power cut must not swallow the first of these.
    await file.write([Buffer.from(`\n${lines.join('\n')}\n`)]);
    await file.sync();
  } finally {
    await file.close();
  }
}
