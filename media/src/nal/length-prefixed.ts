import { MediaError, type NalUnit, type VideoCodec } from '#frame';
import { toNalUnit } from './nal-unit.ts';

/**
 * A sample's bytes as MP4 stores them: a 4-byte length before each NAL unit. The NAL units' parts are passed on as
 * they are, with their length where it already stands before them.
 * @see ISO/IEC 14496-15 5.3.4.2
 */
export function toLengthPrefixed(nalUnits: readonly NalUnit[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (const unit of nalUnits) {
    if (unit.lengthPrefixed) parts.push(unit.lengthPrefixed);
    else {
      const size = unit.sizeBytes;
      parts.push(Uint8Array.of(size >>> 24, size >>> 16, size >>> 8, size));
      for (const part of unit.parts) parts.push(part);
    }
  }
  return parts;
}

/**
 * NAL units of a sample as views; empty ones are left out.
 * `lengthSizeBytes` is lengthSizeMinusOne + 1 of avcC or hvcC. Throws `MediaError` where a length leads past the end.
 * @see ISO/IEC 14496-15 5.3.4.2
 */
export function parseLengthPrefixed(bytes: Uint8Array, lengthSizeBytes: number, codec: VideoCodec): NalUnit[] {
  const units: NalUnit[] = [];
  for (let at = 0; at < bytes.length;) {
    if (at + lengthSizeBytes > bytes.length) throw new MediaError('truncated', 'NAL unit length cut off', at);
    let size = 0;
    for (let index = 0; index < lengthSizeBytes; index++) size = size * 256 + bytes[at + index]!;
    at += lengthSizeBytes;
    if (size > bytes.length - at) throw new MediaError('truncated', `NAL unit of ${size} bytes leads past the end`, at);
    if (size > 0) units.push(toNalUnit(codec, bytes.subarray(at, at + size)));
    at += size;
  }
  return units;
}
