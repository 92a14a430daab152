import { equalBytes } from '@porchlight/media/bytes';
import type { TrackDescription } from '@porchlight/media/frame';

/** Whether a decoder set up for `a` can go on with `b`. */
export function sameTracks(a: readonly TrackDescription[], b: readonly TrackDescription[]): boolean {
  return a.length === b.length && a.every((track, index) => sameTrack(track, b[index]!));
}

function sameTrack(a: TrackDescription, b: TrackDescription): boolean {
  if (a === b) return true;
  if (a.codecString !== b.codecString || a.clockRateHz !== b.clockRateHz) return false;
  if (a.kind === 'video' && b.kind === 'video') {
    return (
      a.parameterSets.length === b.parameterSets.length &&
      a.parameterSets.every((set, index) => equalBytes(set, b.parameterSets[index]!))
    );
  }
  if (a.kind !== 'audio' || b.kind !== 'audio') return false;
  return (
    a.codec === b.codec &&
    a.channels === b.channels &&
    a.sampleRateHz === b.sampleRateHz &&
    equalBytes(a.config, b.config)
  );
}
