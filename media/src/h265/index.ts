/**
 * H.265 (ITU-T H.265) as cameras send it. In: parameter sets, RTP payloads, byte streams. Out: tracks, frames as views, RTP
 * payloads, hvcC. Promises: input is never changed; hostile bytes give `MediaError` or damage, in bounded memory.
 */
export { hasBSlices } from './b-slices.ts';
export { readH265ByteStream } from './byte-stream.ts';
export { parseHevcConfiguration, writeHevcConfiguration } from './configuration.ts';
export { openH265Depacketizer, type H265DepacketizerOptions } from './depacketizer.ts';
export { packetizeH265 } from './packetizer.ts';
export { parsePps, type H265Pps } from './pps.ts';
export { type ProfileTierLevel } from './profile-tier-level.ts';
export { parseSliceHeader, type H265SliceHeader } from './slice-header.ts';
export { parseSps, type H265Sps } from './sps.ts';
export { toH265Track, type H265TrackOptions } from './track.ts';
export { parseVps, type H265Vps } from './vps.ts';
