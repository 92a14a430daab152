/**
 * Fragmented MP4 (ISO/IEC 14496-12): written on the way to disk, read back for recovery, playback and export.
 * In: track descriptions, coded frames, bytes of files. Out: `ftyp moov`, `moof` + `mdat` header, what a file holds.
 * Promises: sample bytes are never copied; input is never changed; hostile bytes cost bounded memory and a `MediaError`.
 */
export { childBoxes, findBox, getBox, readBox, readFourCc, readU64, type Box } from './box-reader.ts';
export {
  parseMovieFragment,
  rewriteBaseTimes,
  splitFragment,
  type FragmentFrame,
  type MovieFragment,
  type PlacedSample,
  type SampleDefaults,
  type TrackFragment,
} from './fragment-reader.ts';
export {
  scanFragments,
  type ByteSource,
  type FragmentInfo,
  type FragmentScan,
  type FragmentTrackInfo,
} from './fragment-scan.ts';
export {
  toFragmentSample,
  toSampleBytes,
  writeFragment,
  type FragmentSample,
  type FragmentTrack,
} from './fragment-writer.ts';
export { parseInit, parseMovieHead, type MovieHead, type TrackHead } from './init-reader.ts';
export { writeInit } from './init-writer.ts';
