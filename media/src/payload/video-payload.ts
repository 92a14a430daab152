import { parseBase64 } from '#bytes';
import { MediaError, type TrackDescription } from '#frame';
import { openH264Depacketizer, toH264Track } from '#h264';
import { openH265Depacketizer, toH265Track } from '#h265';
import type { SdpPayload } from '#sdp';
import type { Payload, PayloadOptions } from './payload.ts';

const videoClockRateHz = 90_000;
/** More parameter sets than any camera announces. */
const maxParameterSets = 64;

/** H.264; parameter sets that cannot be read are left to those in the stream. @see RFC 6184 8.1 */
export function openH264(payload: SdpPayload, { media, track, sink }: PayloadOptions): Payload {
  const { payloadType, clockRateHz, parameters } = payload;
  if (clockRateHz !== videoClockRateHz) return { unsupported: `H.264 with a clock of ${clockRateHz} Hz` };
  if (parameters.get('packetization-mode') === '2') return { unsupported: 'H.264 in interleaved mode' };
  const all = toParameterSets(parameters.get('sprop-parameter-sets'));
  const isType = (wanted: number) => (nalUnit: Uint8Array) => (nalUnit[0]! & 0x1f) === wanted;
  const parameterSets = [...all.filter(isType(7)), ...all.filter(isType(8))];
  const complete = parameterSets.some(isType(7)) && parameterSets.some(isType(8));
  const description = complete
    ? tryTrack(() => toH264Track({ parameterSets, clockRateHz, ...rateOf(media) }))
    : undefined;
  const known = description ? parameterSets : [];
  const depacketizer = openH264Depacketizer({ track, sink, clockRateHz, parameterSets: known, ...rateOf(media) });
  return { depacketizer, payloadType, clockRateHz, description };
}

/** H.265; parameter sets that cannot be read are left to those in the stream. @see RFC 7798 7.1 */
export function openH265(payload: SdpPayload, { media, track, sink }: PayloadOptions): Payload {
  const { payloadType, clockRateHz, parameters } = payload;
  if (clockRateHz !== videoClockRateHz) return { unsupported: `H.265 with a clock of ${clockRateHz} Hz` };
  if (Number(parameters.get('sprop-max-don-diff') ?? 0) > 0) return { unsupported: 'H.265 in interleaved mode' };
  const groups = ['sprop-vps', 'sprop-sps', 'sprop-pps'].map((name) => toParameterSets(parameters.get(name)));
  const parameterSets = groups.flat();
  const complete = groups.every((group) => group.length > 0);
  const description = complete
    ? tryTrack(() => toH265Track({ parameterSets, clockRateHz, ...rateOf(media) }))
    : undefined;
  const known = description ? parameterSets : [];
  const depacketizer = openH265Depacketizer({ track, sink, clockRateHz, parameterSets: known, ...rateOf(media) });
  return { depacketizer, payloadType, clockRateHz, description };
}

function rateOf(media: PayloadOptions['media']): { frameRate?: number } {
  return media.frameRate === undefined ? {} : { frameRate: media.frameRate };
}

function tryTrack(make: () => TrackDescription): TrackDescription | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}

/** NAL units of a comma-separated base64 list; unreadable entries are left out. */
function toParameterSets(text: string | undefined): Uint8Array[] {
  return (text ?? '')
    .split(',')
    .slice(0, maxParameterSets)
    .flatMap((entry) => {
      try {
        const nalUnit = trimByteStream(parseBase64(entry));
        return nalUnit.length > 0 ? [nalUnit] : [];
      } catch (error) {
        if (error instanceof MediaError) return [];
        throw error;
      }
    });
}

/** Cameras (GW, Dahua) leave a start code in front or behind, or zeros at the end; no NAL unit ends in a zero byte. */
function trimByteStream(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start++;
  start = start >= 2 && bytes[start] === 1 ? start + 1 : 0;
  let end = bytes.length;
  if (end - start >= 4 && bytes[end - 1] === 1 && bytes[end - 2] === 0 && bytes[end - 3] === 0) end--;
  while (end > start && bytes[end - 1] === 0) end--;
  return bytes.subarray(start, end);
}
