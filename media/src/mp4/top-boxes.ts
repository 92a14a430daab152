import { readU32 } from '#bytes';
import { type ByteSource, readFourCc, readU64 } from '#fmp4';
import { MediaError } from '#frame';

/** A box at the top level of a file, `endBytes` never behind the file's end. */
export type TopBox = { readonly type: string; readonly startBytes: number; readonly endBytes: number };

/**
 * The boxes of a file one after the other, headers only. A last box that is longer than the file (a copy cut short, a
 * download under way) ends with the file. Throws `MediaError` for bytes that are no box. @see ISO/IEC 14496-12 4.2
 */
export function* topBoxes(source: ByteSource): Generator<TopBox, void, undefined> {
  let offset = 0;
  while (source.sizeBytes - offset >= 8) {
    const header = source.readAt(offset, Math.min(16, source.sizeBytes - offset));
    const size32 = readU32(header, 0);
    const type = readFourCc(header, 4);
    const sizeBytes = size32 === 0 ? source.sizeBytes - offset : size32 === 1 ? readU64(header, 8) : size32;
    if (sizeBytes < (size32 === 1 ? 16 : 8))
      throw new MediaError('malformed', 'Box is smaller than its header', offset);
    const endBytes = Math.min(offset + sizeBytes, source.sizeBytes);
    yield { type, startBytes: offset, endBytes };
    offset = endBytes;
  }
}
