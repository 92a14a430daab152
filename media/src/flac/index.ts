/** Lossless sound. In: G.711 frames. Out: FLAC frames with the same samples, STREAMINFO. Promises: nothing is lost but the companding's own bits, timestamps are kept, gaps stay gaps. @see RFC 9639 */
export { openG711ToFlac, type G711ToFlac, type G711ToFlacOptions } from './g711-to-flac.ts';
export { writeFlacFrame, writeStreamInfo } from './flac-frame.ts';
