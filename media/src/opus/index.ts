/** Opus passed on as it is. In: RTP payloads. Out: audio frames with their duration. Promises: frames are views of payloads. @see RFC 6716, RFC 7587 */
export { openOpusDepacketizer, toOpusTrack } from './opus-depacketizer.ts';
export { toOpusDuration } from './opus-packet.ts';
