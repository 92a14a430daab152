import { readU32 } from '#bytes';
import { MediaError } from '#frame';

/** Where a box lies in the bytes it was found in. */
export type Box = {
  readonly type: string;
  readonly startBytes: number;
  /** Behind size, type and largesize. */
  readonly bodyBytes: number;
  readonly endBytes: number;
};

/** Four characters at `offsetBytes`. */
export function readFourCc(bytes: Uint8Array, offsetBytes: number): string {
  const code = readU32(bytes, offsetBytes);
  return String.fromCharCode(code >>> 24, (code >>> 16) & 0xff, (code >>> 8) & 0xff, code & 0xff);
}

/** Unsigned 64 bits; refuses what no file can mean. */
export function readU64(bytes: Uint8Array, offsetBytes: number): number {
  const value = readU32(bytes, offsetBytes) * 2 ** 32 + readU32(bytes, offsetBytes + 4);
  if (!Number.isSafeInteger(value)) throw new MediaError('too-large', 'Expected a number below 2^53', offsetBytes);
  return value;
}

/**
 * The header of the box at `offsetBytes`, which must end at or before `limitBytes`. A size of 0 means "to the end"
 * and is taken so. Needs only the header to be inside `bytes`. Throws `MediaError`. @see ISO/IEC 14496-12 4.2.2
 */
export function readBox(bytes: Uint8Array, offsetBytes: number, limitBytes: number): Box {
  const size32 = readU32(bytes, offsetBytes);
  const type = readFourCc(bytes, offsetBytes + 4);
  let bodyBytes = offsetBytes + 8;
  let sizeBytes = size32;
  if (size32 === 1) {
    sizeBytes = readU64(bytes, offsetBytes + 8);
    bodyBytes += 8;
  } else if (size32 === 0) {
    sizeBytes = limitBytes - offsetBytes;
  }
  const endBytes = offsetBytes + sizeBytes;
  if (endBytes < bodyBytes) throw new MediaError('malformed', `Box ${type} is smaller than its header`, offsetBytes);
  if (endBytes > limitBytes) throw new MediaError('truncated', `Box ${type} ends behind its container`, offsetBytes);
  return { type, startBytes: offsetBytes, bodyBytes, endBytes };
}

/** The boxes between two offsets, one after the other. Fewer than 8 bytes at the end are padding (QuickTime). */
export function* childBoxes(bytes: Uint8Array, startBytes: number, endBytes: number): Generator<Box, void, undefined> {
  let offset = startBytes;
  while (endBytes - offset >= 8) {
    const box = readBox(bytes, offset, endBytes);
    yield box;
    offset = box.endBytes;
  }
}

/** The first child of `parent` with this type. */
export function findBox(bytes: Uint8Array, parent: Box, type: string): Box | undefined {
  for (const box of childBoxes(bytes, parent.bodyBytes, parent.endBytes)) if (box.type === type) return box;
  return undefined;
}

/** Like `findBox`, for a box that has to be there. */
export function getBox(bytes: Uint8Array, parent: Box, type: string): Box {
  const box = findBox(bytes, parent, type);
  if (box === undefined) throw new MediaError('malformed', `Expected ${type} in ${parent.type}`, parent.startBytes);
  return box;
}
