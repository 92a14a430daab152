import type { ApiError } from '@porchlight/contract/errors';
import type { VideoTrack } from '@porchlight/media/frame';
import { hasBSlices as hasH264BSlices } from '@porchlight/media/h264';
import { hasBSlices as hasH265BSlices } from '@porchlight/media/h265';
import type { TimedFrame } from '#stream';

/** Why a WHEP offer was not answered with media: a stable word, words for people, and what to do. */
export type WhepRefusal = { readonly status: 400 | 404 | 406 | 503; readonly error: ApiError };

const otherWay = 'The page can show this camera over MSE, or its sub-stream.';

/** The refusals of WHEP, each in one place. */
export const refusals = {
  badOffer: (problem: string) => refuse(400, 'invalid', 'bad-offer', problem, 'Send an SDP offer made by a browser.'),
  noStream: () =>
    refuse(404, 'not-found', 'no-stream', 'This camera has no such stream.', 'Choose another stream of this camera.'),
  noVideo: () =>
    refuse(503, 'unavailable', 'no-video', 'The camera sends no pictures right now.', 'Try again when it is online.'),
  bFrames: () => refuse(406, 'invalid', 'b-frames', 'WebRTC cannot show a stream with B-frames.', otherWay),
  h265NotOffered: () =>
    refuse(406, 'invalid', 'h265-not-offered', 'This browser takes no H.265 over WebRTC.', otherWay),
  h264NotOffered: () => refuse(406, 'invalid', 'h264-not-offered', 'This viewer takes no H.264 over WebRTC.', otherWay),
  tooManyViewers: () =>
    refuse(
      503,
      'unavailable',
      'too-many-viewers',
      'As many viewers are connected as can be served.',
      'Close another window and try again.',
    ),
  tooManyJoining: () =>
    refuse(
      503,
      'unavailable',
      'too-many-joining',
      'Too many viewers are connecting at once.',
      'Try again in a moment.',
    ),
  sessionEnded: () => refuse(503, 'unavailable', 'session-ended', 'The session has ended.', 'Sign in again.'),
  noAddress: () =>
    refuse(
      503,
      'unavailable',
      'no-address',
      'This box has no network address or no free port for WebRTC.',
      'Set PORCHLIGHT_ICE_ADDRESSES, widen PORCHLIGHT_ICE_PORTS, or use MSE.',
    ),
} as const;

/** WebRTC decoders show pictures in the order they come: a stream with B pictures would show two per group (measured). */
export function hasBPictures(track: VideoTrack, gop: readonly TimedFrame[]): boolean {
  if ((track.reorderDepth ?? 0) > 0) return true;
  return gop.some(({ frame }) => {
    if (frame.kind !== 'video') return false;
    return track.codec === 'h264' ? hasH264BSlices(frame) : hasH265BSlices(frame, track);
  });
}

function refuse(
  status: WhepRefusal['status'],
  kind: ApiError['kind'],
  reason: string,
  message: string,
  fix: string,
): WhepRefusal {
  return { status, error: { kind, reason, message, fix } };
}
