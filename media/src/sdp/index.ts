/** Session descriptions as cameras write them. In: text. Out: `SdpSession`, text. Promises: unknown lines are skipped, sizes bounded. @see RFC 8866 */
export type { SdpAttribute, SdpDirection, SdpMedia, SdpPayload, SdpSession } from './sdp.ts';
