import { createHash } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Pace } from './pace.ts';
import { diskFull, toDiskError } from './disk-error.ts';

/** What writing a file needs. */
export type WriteParts = {
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** How much may still be written before the disk is too full. */
  readonly room: () => Promise<number>;
  readonly onBytes: (sizeBytes: number) => void;
};

/** Bytes gathered for one write. */
const pieceBytes = 1 << 20;
/** So often what was written goes to the disk itself: much at once would make recorders wait. */
const syncBytes = 16 << 20;

/**
 * Writes a body to a file that appears under its name only when it is whole and durable; gives its hash and size. What was begun is
 * deleted when it fails. Throws `HouseError` `unavailable` for a disk that is full.
 */
export async function writeBody(
  body: AsyncIterable<Uint8Array>,
  path: string,
  parts: WriteParts,
): Promise<{ sha256: string; sizeBytes: number }> {
  const unfinished = `${path}.part`;
  try {
    const file = await open(unfinished, 'w', 0o600);
    const written = await writePieces(file, body, parts).finally(() => file.close());
    await rename(unfinished, path);
    const folder = await open(dirname(path), 'r');
    await folder.sync().finally(() => folder.close());
    return written;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw toDiskError(error);
  }
}

async function writePieces(
  file: FileHandle,
  body: AsyncIterable<Uint8Array>,
  { pace, signal, room, onBytes }: WriteParts,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let pieces: Uint8Array[] = [];
  let gatheredBytes = 0;
  let sizeBytes = 0;
  let unsyncedBytes = 0;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.concat(pieces);
    pieces = [];
    gatheredBytes = 0;
    if (bytes.length === 0) return;
    hash.update(bytes);
    await file.writeFile(bytes);
    sizeBytes += bytes.length;
    unsyncedBytes += bytes.length;
    onBytes(sizeBytes);
    if (unsyncedBytes >= syncBytes) {
      unsyncedBytes = 0;
      await file.datasync();
      if ((await room()) < syncBytes) throw diskFull();
    }
    await pace.take(bytes.length, signal);
  };
  for await (const piece of body) {
    signal.throwIfAborted();
    pieces.push(piece);
    gatheredBytes += piece.length;
    if (gatheredBytes >= pieceBytes) await flush();
  }
  await flush();
  await file.sync();
  return { sha256: hash.digest('hex'), sizeBytes };
}
