import type { AudioTrack, VideoTrack } from '@porchlight/media/frame';
import type { SdpPayload } from '@porchlight/media/sdp';
import type { OfferSection } from './sdp-offer.ts';

/**
 * The payload type to send this video on; undefined when the offer has none that fits.
 * H.264: packetization-mode 1 and the stream's own profile, else 42e01f, else any mode 1 (browsers decode a higher profile
 * than they negotiated: Chromium offers no High at all and plays it). H.265: the first without multi-stream transmission.
 * @see RFC 6184 8.1, RFC 7798 7.1
 */
export function chooseVideo(section: OfferSection, track: VideoTrack): SdpPayload | undefined {
  if (track.codec === 'h265') {
    return section.payloads.find(
      (payload) =>
        payload.encoding.toUpperCase() === 'H265' &&
        payload.clockRateHz === 90_000 &&
        (payload.parameters.get('tx-mode') ?? 'SRST').toUpperCase() === 'SRST',
    );
  }
  const able = section.payloads.filter(
    (payload) =>
      payload.encoding.toUpperCase() === 'H264' &&
      payload.clockRateHz === 90_000 &&
      payload.parameters.get('packetization-mode') === '1',
  );
  const levelOf = (payload: SdpPayload): string =>
    payload.parameters.get('profile-level-id')?.toLowerCase() ?? '42001f';
  const profile = /^avc[13]\.([0-9a-f]{2})/i.exec(track.codecString)?.[1]?.toLowerCase();
  return (
    able.find((payload) => levelOf(payload).slice(0, 2) === profile) ??
    able.find((payload) => levelOf(payload) === '42e01f') ??
    able[0]
  );
}

/** The payload type to send this sound on as it is; undefined when a browser would have to be sent another coding. */
export function chooseAudio(section: OfferSection, track: AudioTrack): SdpPayload | undefined {
  const wanted = { opus: 'OPUS', pcmu: 'PCMU', pcma: 'PCMA', aac: undefined, flac: undefined }[track.codec];
  if (wanted === undefined) return undefined;
  const clockRateHz = track.codec === 'opus' ? 48_000 : 8000;
  if (track.codec !== 'opus' && (track.sampleRateHz !== 8000 || track.channels !== 1)) return undefined;
  return section.payloads.find(
    (payload) => payload.encoding.toUpperCase() === wanted && payload.clockRateHz === clockRateHz,
  );
}
