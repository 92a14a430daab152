/**
 * The one place that maps rtpmap and fmtp to a codec. In: an SDP media section. Out: its depacketizer, or why there is none.
 * Promises: never throws for what a camera may write; unreadable parameter sets are left to those in the stream.
 */
export { openPayload, type Payload, type PayloadOptions } from './payload.ts';
