/** One reception report block. @see RFC 3550 6.4.1 */
export type ReceptionReport = {
  /** Whom this is about. */
  readonly ssrc: number;
  /** Fraction lost since the last report, in 1/256. */
  readonly fractionLost: number;
  /** Packets lost since the beginning, may be negative when packets came twice. */
  readonly packetsLost: number;
  /** Highest sequence number with its wraps in the upper 16 bits. */
  readonly highestSequence: number;
  readonly jitterTicks: number;
  /** Middle 32 bits of the last sender report's NTP time; 0 when none came. */
  readonly lastSenderReport: number;
  /** Since that report, in 1/65536 s. */
  readonly delaySinceLastSenderReport: number;
};

/** One RTCP packet of a compound. Whatever the house has no use for is left out of a parse. @see RFC 3550 6, RFC 4585 6, RFC 5104 4.3 */
export type RtcpPacket =
  | {
      readonly kind: 'sender-report';
      readonly ssrc: number;
      /** Milliseconds UTC since 1970, with fractions. */
      readonly ntpMs: number;
      /** Middle 32 bits of the NTP time, as receiver reports repeat them. */
      readonly ntpMiddle: number;
      readonly rtpTimestamp: number;
      readonly packetCount: number;
      readonly octetCount: number;
      readonly reports: readonly ReceptionReport[];
    }
  | { readonly kind: 'receiver-report'; readonly ssrc: number; readonly reports: readonly ReceptionReport[] }
  | { readonly kind: 'source-description'; readonly ssrc: number; readonly cname: string }
  | { readonly kind: 'goodbye'; readonly ssrcs: readonly number[]; readonly reason: string }
  | { readonly kind: 'picture-loss'; readonly ssrc: number; readonly mediaSsrc: number }
  | {
      readonly kind: 'full-intra-request';
      readonly ssrc: number;
      readonly mediaSsrc: number;
      readonly sequence: number;
    }
  | {
      readonly kind: 'nack';
      readonly ssrc: number;
      readonly mediaSsrc: number;
      readonly sequenceNumbers: readonly number[];
    };
