/**
 * Session descriptions as cameras write them. In: text. Out: `SdpSession`, text.
 * Promises: unknown lines are skipped, sizes bounded, static payload types filled in. @see RFC 8866
 */
export { parseSdp } from './parse-sdp.ts';
export type { SdpAttribute, SdpDirection, SdpMedia, SdpPayload, SdpSession } from './sdp.ts';
export { writeSdp, type SdpMediaToWrite, type SdpSessionToWrite } from './write-sdp.ts';
