/** G.711 sound. In: RTP payloads, companded bytes. Out: audio frames, 16-bit samples. Promises: frames are views of payloads. @see ITU-T G.711, RFC 3551 */
export { decodeG711, type G711Codec } from './g711.ts';
export { openG711Depacketizer, toG711Track } from './g711-depacketizer.ts';
