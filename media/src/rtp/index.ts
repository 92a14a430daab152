/**
 * RTP and RTCP. In: packets from a socket, payloads to send. Out: payloads in order with growing timestamps, losses, reports.
 * Promises: input is never changed, headers are read in place, memory is bounded by the reorder window.
 */
export type { DepacketizerOptions, RtpDepacketizer } from './depacketizer.ts';
export { isRtcp, parseRtcp } from './rtcp-parse.ts';
export { toNtp, writeRtcp, type RtcpPacketToWrite } from './rtcp-write.ts';
export type { ReceptionReport, RtcpPacket } from './rtcp.ts';
export { rtpHeaderBytes, writeRtpHeader, writeRtpPacket, type RtpPacketFields } from './rtp-packet.ts';
export { openRtpReceiver, type RtpReceiver, type RtpReceiverOptions, type RtpReceiverStats } from './rtp-receiver.ts';
