/**
 * H.264 (ITU-T H.264) as cameras send it. In: parameter sets, RTP payloads, byte streams. Out: tracks, frames as views, RTP
 * payloads, avcC. Promises: input is never changed; hostile bytes give `MediaError` or damage, in bounded memory.
 */
export { hasBSlices } from './b-slices.ts';
export { readH264ByteStream } from './byte-stream.ts';
export { parseAvcConfiguration, writeAvcConfiguration } from './configuration.ts';
export { openH264Depacketizer, type H264DepacketizerOptions } from './depacketizer.ts';
export { packetizeH264 } from './packetizer.ts';
export { parsePps, type H264Pps } from './pps.ts';
export { parseSliceHeader, type H264SliceHeader } from './slice-header.ts';
export { parseSps, type H264Sps } from './sps.ts';
export { toH264Track, type H264TrackOptions } from './track.ts';
