import { MediaError, type FrameSink, type TrackDescription } from '#frame';
import type { RtpDepacketizer } from '#rtp';
import type { SdpMedia, SdpPayload } from '#sdp';
import { openAacGeneric, openAacLatm, openG711, openOpus } from './audio-payload.ts';
import { openH264, openH265 } from './video-payload.ts';

export type PayloadOptions = {
  readonly media: SdpMedia;
  /** Index into the stream's tracks. */
  readonly track: number;
  readonly sink: FrameSink;
};

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

type Opener = (payload: SdpPayload, options: PayloadOptions) => Payload;

const videoOpeners: Readonly<Record<string, Opener>> = { h264: openH264, h265: openH265, hevc: openH265 };

const audioOpeners: Readonly<Record<string, Opener>> = {
  'mpeg4-generic': openAacGeneric,
  'mp4a-latm': openAacLatm,
  pcmu: openG711,
  pcma: openG711,
  opus: openOpus,
};

/**
 * Opens the depacketizer for the first payload type of a section that the house understands.
 * Backchannels and ONVIF metadata are refused in words, as are codings that are not recorded.
 */
export function openPayload(options: PayloadOptions): Payload {
  const { media } = options;
  if (media.backchannel) return { unsupported: 'backchannel: sound towards the camera' };
  if (media.kind !== 'video' && media.kind !== 'audio')
    return { unsupported: `${media.kind} is neither picture nor sound` };
  let reason = `${media.kind} without a payload type`;
  for (const payload of media.payloads) {
    const opened = openOne(payload, options);
    if (!('unsupported' in opened)) return opened;
    reason = opened.unsupported;
  }
  return { unsupported: reason };
}

function openOne(payload: SdpPayload, options: PayloadOptions): Payload {
  const openers = options.media.kind === 'video' ? videoOpeners : audioOpeners;
  const name = payload.encoding.toLowerCase();
  const open = Object.hasOwn(openers, name) ? openers[name] : undefined;
  if (!open)
    return { unsupported: `${options.media.kind} coding ${payload.encoding || payload.payloadType} is not supported` };
  try {
    return options.media.kind === 'audio' ? owningItsBytes(open(payload, options)) : open(payload, options);
  } catch (error) {
    if (error instanceof MediaError) return { unsupported: `${payload.encoding}: ${error.message}` };
    throw error;
  }
}

/** Audio depacketizers keep views; packets are small and few, so each is copied out of the chunk it came in. */
function owningItsBytes(payload: Payload): Payload {
  if ('unsupported' in payload) return payload;
  const { depacketizer } = payload;
  return {
    ...payload,
    depacketizer: {
      push: (bytes, ptsTicks, marker) => depacketizer.push(new Uint8Array(bytes), ptsTicks, marker),
      lost: (packets) => depacketizer.lost(packets),
      flush: () => depacketizer.flush(),
    },
  };
}
