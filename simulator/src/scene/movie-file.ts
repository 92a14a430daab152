import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HouseError } from '@porchlight/base/errors';
import { MediaError } from '@porchlight/media/frame';
import { openMovie, type Movie } from '@porchlight/media/mp4';

/** An MP4 or MOV file on disk, opened. */
export type MovieFile = { readonly movie: Movie; close(): void };

/** Opens a movie file. Throws `HouseError` when it cannot be read or is no movie. */
export function openMovieFile(path: string): MovieFile {
  const descriptor = tryOpen(path);
  const readAt = (offsetBytes: number, lengthBytes: number): Uint8Array => {
    const bytes = new Uint8Array(lengthBytes);
    let have = 0;
    while (have < lengthBytes) {
      const read = readSync(descriptor, bytes, have, lengthBytes - have, offsetBytes + have);
      if (read === 0) break;
      have += read;
    }
    return bytes.subarray(0, have);
  };
  try {
    return { movie: openMovie({ sizeBytes: fstatSync(descriptor).size, readAt }), close: () => closeSync(descriptor) };
  } catch (cause) {
    closeSync(descriptor);
    if (!(cause instanceof MediaError)) throw cause;
    throw new HouseError('invalid', `${path} is not a movie: ${cause.message}`, {
      fix: 'Give an MP4 or MOV file.',
      cause,
    });
  }
}

function tryOpen(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw new HouseError('not-found', `${path} cannot be read`, { fix: 'Check the path and its permissions.', cause });
  }
}
