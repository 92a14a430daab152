/** RTP and RTCP. In: packets. Out: payloads in order with growing times, reports. Promises: payloads are views, never copied or changed. */
export type { DepacketizerOptions, RtpDepacketizer } from './depacketizer.ts';
