/**
 * RTP and RTCP. In: packets from a socket, payloads to send. Out: payloads in order with growing timestamps, losses, reports.
 * Promises: input is never changed, headers are read in place, memory is bounded by the reorder window.
 */
export type { DepacketizerOptions, RtpDepacketizer } from './depacketizer.ts';
export type { ReceptionReport, RtcpPacket } from './rtcp.ts';
export type { RtpReceiver, RtpReceiverOptions, RtpReceiverStats } from './rtp-receiver.ts';
