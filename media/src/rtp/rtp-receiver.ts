import type { ReceptionReport } from './rtcp.ts';

/** How an RTP stream is received and where its payloads go. */
export type RtpReceiverOptions = {
  readonly clockRateHz: number;
  /** 'none' for TCP: order is the transport's. Otherwise packets wait for a missing one, bounded by count and time. */
  readonly reorder: 'none' | { readonly maxPackets: number; readonly maxDelayMs: number };
  /** Payload types to accept; undefined accepts all. Packets of other types are counted and left out. */
  readonly payloadTypes?: readonly number[];
  /** The payload is a view into the packet. `ptsTicks` starts near the first RTP timestamp and never wraps. */
  onPayload(payload: Uint8Array, ptsTicks: number, marker: boolean): void;
  /** Called before the payload that follows the gap. */
  onLost(packets: number): void;
  /** The sender changed (SSRC) or jumped in sequence: sequence and clock start anew, after what was held has been delivered. */
  onRestart?(): void;
};

/** Counters since the receiver was opened. */
export type RtpReceiverStats = {
  readonly packetsReceived: number;
  readonly bytesReceived: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly packetsDuplicate: number;
  readonly packetsMalformed: number;
  /** RFC 3550 A.8 interarrival jitter. */
  readonly jitterTicks: number;
};

/** One RTP stream's receiving side. @see RFC 3550 A */
export type RtpReceiver = {
  /** A whole RTP packet, header first; kept only while it waits for an earlier one. `arrivalMs` is monotonic. */
  push(packet: Uint8Array, arrivalMs: number): void;
  /** Gives up on missing packets that are older than the reorder window's time. */
  tick(nowMs: number): void;
  /** Delivers everything held, in order. */
  flush(): void;
  /** A 32-bit RTP timestamp (of a sender report, RTP-Info) on the growing time line; undefined before the first packet. */
  toTicks(rtpTimestamp: number): number | undefined;
  /** Notes a sender report for the next receiver report. */
  onSenderReport(ntpMiddle: number, arrivalMs: number): void;
  /** The report block for this source since the last call; undefined before the first packet. */
  report(nowMs: number): ReceptionReport | undefined;
  stats(): RtpReceiverStats;
  /** SSRC of the sender; undefined before the first packet. */
  readonly ssrc: number | undefined;
};
