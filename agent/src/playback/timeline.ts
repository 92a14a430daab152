import { parseTrackRates, type SegmentView } from '#index-store';
import { rewriteBaseTimes } from '@porchlight/media/fmp4';

/** Video is the first track of every file that the recorder writes. */
export const videoTrackId = 1;

/** By how many ticks each track of a segment moves when its video moves by `videoTicks`. */
export function toTrackShift(init: Uint8Array, videoTicks: number): Map<number, number> {
  const rates = parseTrackRates(init);
  const videoRateHz = rates.get(videoTrackId) ?? 1;
  return new Map([...rates].map(([track, rateHz]) => [track, Math.round((videoTicks * rateHz) / videoRateHz)]));
}

/**
 * Whole fragments `first` … `end - 1` of a segment, moved to its place in the run. `bytes` start with the first of
 * them; the result is as long, so that a part's length is known before it is read.
 */
export function toRunTime(
  bytes: Uint8Array,
  place: { segment: SegmentView; init: Uint8Array; first: number; end: number },
): Uint8Array[] {
  const { segment, init, first, end } = place;
  const shift = toTrackShift(init, segment.startTicks);
  const startBytes = segment.fragments.offsetBytes(first);
  const moved: Uint8Array[] = [];
  for (let index = first; index < end; index++) {
    const at = segment.fragments.offsetBytes(index) - startBytes;
    moved.push(rewriteBaseTimes(bytes.subarray(at, at + segment.fragments.sizeBytes(index)), shift));
  }
  return moved;
}
