import { MediaError, type NalUnit, type VideoCodec } from '#frame';
import { concatBytes } from '#bytes';

/** nal_unit_type of a NAL unit's first byte. @see ITU-T H.264 7.3.1, H.265 7.3.1.2 */
export function nalTypeOf(codec: VideoCodec, firstByte: number): number {
  return codec === 'h264' ? firstByte & 0x1f : (firstByte >> 1) & 0x3f;
}

/** One NAL unit of contiguous bytes, header first. A view. */
export function toNalUnit(codec: VideoCodec, bytes: Uint8Array): NalUnit {
  return { type: nalTypeOf(codec, bytes[0] ?? 0), parts: [bytes], sizeBytes: bytes.length };
}

/** The byte at `offset`, or -1 past the end. */
export function byteAt(unit: NalUnit, offset: number): number {
  let left = offset;
  for (const part of unit.parts) {
    if (left < part.length) return part[left]!;
    left -= part.length;
  }
  return -1;
}

/** The first bytes, at most `maxBytes`: a view where one part has them, a copy otherwise. */
export function headOf(unit: NalUnit, maxBytes: number): Uint8Array {
  const first = unit.parts[0];
  if (first === undefined) return new Uint8Array(0);
  if (first.length >= maxBytes || unit.parts.length === 1) return first.subarray(0, maxBytes);
  const head = new Uint8Array(Math.min(maxBytes, unit.sizeBytes));
  let length = 0;
  for (const part of unit.parts) {
    const take = part.subarray(0, head.length - length);
    head.set(take, length);
    length += take.length;
    if (length === head.length) break;
  }
  return head;
}

/** The whole NAL unit in one array: its only part itself, a copy otherwise. */
export function toContiguous(unit: NalUnit): Uint8Array {
  return unit.parts.length === 1 ? unit.parts[0]! : concatBytes(unit.parts);
}

/** The value, or undefined where its bytes are broken. Other errors pass. */
export function tryParse<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}

/** No parameter set comes near this; they are kept for as long as the stream lives, so their size is bounded. */
const maxParameterSetBytes = 16 * 1024;

/** Throws `MediaError` for a parameter set that is too large to be one. */
export function checkParameterSetSize(unit: NalUnit): void {
  if (unit.sizeBytes > maxParameterSetBytes) {
    throw new MediaError('too-large', `Expected a parameter set of at most 16 KiB, got ${unit.sizeBytes} bytes`);
  }
}
