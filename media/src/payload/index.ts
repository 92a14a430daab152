/**
 * The one place that maps rtpmap and fmtp to a codec. In: an SDP media section. Out: its depacketizer, or why there is none.
 * openPayload(options: PayloadOptions): Payload
 */
export type { Payload, PayloadOptions } from './payload.ts';
