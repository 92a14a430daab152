import { NalDepacketizer, type Fragment } from '#nal';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import { H265Pictures } from './pictures.ts';

export type H265DepacketizerOptions = DepacketizerOptions & {
  /** VPS, SPS and PPS from the SDP (`sprop-vps`, `sprop-sps`, `sprop-pps`), or none: then frames begin when they come in-band. */
  readonly parameterSets: readonly Uint8Array[];
  /** Pictures per second from the SDP, used where VUI and VPS state none. */
  readonly frameRate?: number | undefined;
};

/**
 * H.265 out of RTP: single NAL units, aggregation packets, fragmentation units (RFC 7798, no DONL). Payloads may be reused
 * after `push`.
 *
 * Illegal, yet sent by cameras, and accepted:
 * - Annex B start codes in a single NAL unit, an aggregated one or a fragmented one;
 * - a fragmentation unit with start and end bit (OpenIPC SSC378DE), without end bit, or without start bit at the front of a picture;
 * - an aggregation packet with zeros at its end or with a single NAL unit;
 * - marker and timestamp of the picture before on parameter sets; marker on every slice segment, or never;
 * - SEI and AUD in packets of their own with another timestamp; parameter sets only in the SDP, only in-band, or changing.
 * Counted as damage and left out: PACI packets (type 50), types 51 to 63, the forbidden bit.
 *
 * Throws `TypeError` unless the clock is 90 kHz.
 * @see RFC 7798 4
 */
export function openH265Depacketizer(options: H265DepacketizerOptions): RtpDepacketizer {
  const { track, sink, clockRateHz, parameterSets, frameRate } = options;
  if (clockRateHz !== 90000) throw new TypeError(`Expected \`clockRateHz\` to be 90000 for H.265, got ${clockRateHz}`);
  const pictures = new H265Pictures({ parameterSets, clockRateHz, frameRate, exact: false });
  const nal = new NalDepacketizer('h265', { track, sink, pictures });
  return {
    push(payload, ptsTicks, marker) {
      if (payload.length === 0) return;
      const header = payload[0]!;
      const type = header >> 1;
      if (payload.length < 2 || type >= 50) nal.damaged();
      else if (type === 49) pushFragment(nal, payload, ptsTicks);
      else if (type === 48) nal.aggregate(payload.subarray(2), ptsTicks);
      else nal.single(payload, ptsTicks);
      if (marker) nal.mark(ptsTicks);
    },
    lost: (packets) => nal.lost(packets),
    flush: () => nal.flush(),
  };
}

/** Filled anew for every packet: one object per packet is most of what a packet would cost. */
const fragment: Fragment = { header: 0, starts: false, ends: false, skip: 3 };

/** Fragmentation unit. @see RFC 7798 4.4.3 */
function pushFragment(nal: NalDepacketizer, payload: Uint8Array, ptsTicks: number): void {
  if (payload.length < 4) {
    nal.damaged();
    return;
  }
  const flags = payload[2]!;
  fragment.header = (((payload[0]! & 0x81) | ((flags & 0x3f) << 1)) << 8) | payload[1]!;
  fragment.starts = (flags & 0x80) !== 0;
  fragment.ends = (flags & 0x40) !== 0;
  nal.fragment(fragment, payload, ptsTicks);
}
