/** AAC. In: RTP payloads of MPEG4-GENERIC and MP4A-LATM, AudioSpecificConfig. Out: access units as audio frames, tracks. Promises: bounded memory. @see ISO/IEC 14496-3, RFC 3640, RFC 6416 */
export { stripAdts } from './adts.ts';
export {
  parseAudioSpecificConfig,
  toAacCodecString,
  toAacTrack,
  writeAacLcConfig,
  type AudioSpecificConfig,
} from './audio-specific-config.ts';
export { openLatmDepacketizer, type LatmOptions } from './mp4a-latm.ts';
export { openMpeg4GenericDepacketizer, type AuHeaderWidths, type Mpeg4GenericOptions } from './mpeg4-generic.ts';
export { packetizeMpeg4Generic } from './packetize-mpeg4-generic.ts';
export { parseStreamMuxConfig, type StreamMuxConfig } from './stream-mux-config.ts';
