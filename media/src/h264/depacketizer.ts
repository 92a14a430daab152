import { NalDepacketizer, type Fragment, startsWithStartCode } from '#nal';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import { H264Pictures } from './pictures.ts';

export type H264DepacketizerOptions = DepacketizerOptions & {
  /** SPS and PPS from the SDP (`sprop-parameter-sets`), or none: then frames begin when they come in-band. */
  readonly parameterSets: readonly Uint8Array[];
  /** Pictures per second from the SDP, used where the VUI states none. */
  readonly frameRate?: number | undefined;
};

/**
 * H.264 out of RTP: single NAL units, STAP-A, FU-A (RFC 6184, packetization modes 0 and 1). Payloads may be reused after `push`.
 *
 * Illegal, yet sent by cameras, and accepted:
 * - Annex B start codes in a single NAL unit, a STAP-A entry or a FU-A (V380: SPS, PPS and IDR as one fragmented "SPS");
 * - FU-A with start and end bit (OpenIPC SSC378DE), without end bit, or without start bit at the front of a picture;
 * - a STAP-A with zeros at its end, bytes behind the end of an SPS (Reolink);
 * - the marker on SPS and PPS, their timestamp that of the picture before (Reolink RLC-822A); marker on every slice, or never;
 * - SEI and AUD in packets of their own with another timestamp; parameter sets only in the SDP, only in-band, or changing.
 * Counted as damage and left out: interleaved mode (STAP-B, MTAP, FU-B), types 0, 30 and 31, the forbidden bit.
 *
 * Throws `TypeError` unless the clock is 90 kHz.
 * @see RFC 6184 5
 */
export function openH264Depacketizer(options: H264DepacketizerOptions): RtpDepacketizer {
  const { track, sink, clockRateHz, parameterSets, frameRate } = options;
  if (clockRateHz !== 90000) throw new TypeError(`Expected \`clockRateHz\` to be 90000 for H.264, got ${clockRateHz}`);
  const pictures = new H264Pictures({ parameterSets, clockRateHz, frameRate, exact: false });
  const nal = new NalDepacketizer('h264', { track, sink, pictures });
  return {
    push(payload, ptsTicks, marker) {
      if (payload.length === 0) return;
      const header = payload[0]!;
      const type = header & 0x1f;
      if ((header & 0x80) !== 0) nal.damaged();
      else if (type === 28) pushFragment(nal, payload, ptsTicks);
      else if (type === 24) nal.aggregate(payload.subarray(1), ptsTicks);
      else if ((type >= 1 && type <= 23) || startsWithStartCode(payload)) nal.single(payload, ptsTicks);
      else nal.damaged();
      if (marker) nal.mark(ptsTicks);
    },
    lost: (packets) => nal.lost(packets),
    flush: () => nal.flush(),
  };
}

/** Filled anew for every packet: one object per packet is most of what a packet would cost. */
const fragment: Fragment = { header: 0, starts: false, ends: false, skip: 2 };

/** FU-A. @see RFC 6184 5.8 */
function pushFragment(nal: NalDepacketizer, payload: Uint8Array, ptsTicks: number): void {
  if (payload.length < 3) {
    nal.damaged();
    return;
  }
  const flags = payload[1]!;
  fragment.header = (payload[0]! & 0xe0) | (flags & 0x1f);
  fragment.starts = (flags & 0x80) !== 0;
  fragment.ends = (flags & 0x40) !== 0;
  nal.fragment(fragment, payload, ptsTicks);
}
