/**
 * NAL units, whichever coding they carry. In: Annex B byte streams, length-prefixed samples, pieces out of RTP.
 * Out: NAL units, access units as frames. Promises: input is never changed, each byte is copied at most once, memory is bounded.
 */
export { findStartCode, splitByteStream, toNalUnitBytes, trimTrailingZeros } from './start-codes.ts';
export { removeEmulationPrevention } from './emulation-prevention.ts';
export { parseLengthPrefixed, toLengthPrefixed } from './length-prefixed.ts';
export {
  byteAt,
  checkParameterSetSize,
  headOf,
  nalTypeOf,
  toContiguous,
  toNalUnit,
  tryParse,
  wordAt,
} from './nal-unit.ts';
export { AccessUnits, maxAccessUnitBytes, type NalRole, type Pictures } from './access-units.ts';
export { NalDepacketizer, startsWithStartCode, type Fragment } from './nal-depacketizer.ts';
export { readByteStream, type PictureOrder } from './byte-stream-reader.ts';
export { readAspectRatio, type AspectRatio } from './aspect-ratio.ts';
export { PartReader } from './part-reader.ts';
