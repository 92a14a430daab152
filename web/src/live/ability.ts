import type { Ability } from './ladder.ts';

type SourceClass = { new (): MediaSource; isTypeSupported(type: string): boolean };

/** MediaSource, or ManagedMediaSource where that is all there is (iPhones). */
export function findMediaSource(): SourceClass | undefined {
  const scope = globalThis as { ManagedMediaSource?: SourceClass; MediaSource?: SourceClass };
  return scope.MediaSource ?? scope.ManagedMediaSource;
}

function offersH265(): boolean {
  if (typeof RTCRtpReceiver === 'undefined') return false;
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  return codecs.some(({ mimeType }) => mimeType.toLowerCase() === 'video/h265');
}

let known: Ability | undefined;

/** What this browser can, asked once. */
export function readAbility(): Ability {
  const Source = findMediaSource();
  const probe = document.createElement('video');
  const native = probe.canPlayType('application/vnd.apple.mpegurl') !== '';
  known ??= {
    webrtc: typeof RTCPeerConnection !== 'undefined',
    webrtcH265: offersH265(),
    plays: (codecs) =>
      Source?.isTypeSupported(`video/mp4; codecs="${codecs}"`) ??
      probe.canPlayType(`video/mp4; codecs="${codecs}"`) !== '',
    hls: native || Source !== undefined,
  };
  return known;
}

/** Whether this browser shows a coding at all. */
export const canPlay = (codecString: string): boolean => readAbility().plays(codecString);
