import type { FrameSink, TrackDescription } from '#frame';
import type { RtpDepacketizer } from '#rtp';
import type { SdpMedia } from '#sdp';

export type PayloadOptions = { readonly media: SdpMedia; readonly track: number; readonly sink: FrameSink };

/** A media section that is understood, or the reason in words why it is not. */
export type Payload =
  | {
      readonly depacketizer: RtpDepacketizer;
      readonly payloadType: number;
      readonly clockRateHz: number;
      /** Known from the SDP alone; H.264 and H.265 may bring theirs in-band instead. */
      readonly description: TrackDescription | undefined;
    }
  | { readonly unsupported: string };
