import type { VideoFrame, VideoTrack } from '#frame';
import { BitReader } from '#bytes';
import { headOf, removeEmulationPrevention, tryParse } from '#nal';
import { parsePps, type H265Pps } from './pps.ts';

const setsOfTrack = new WeakMap<VideoTrack, Map<number, H265Pps>>();

function ppsOf(track: VideoTrack | undefined, id: number): H265Pps | undefined {
  if (!track) return undefined;
  let sets = setsOfTrack.get(track);
  if (!sets) {
    const bytes = track.parameterSets.filter((set) => ((set[0]! >> 1) & 0x3f) === 34);
    sets = new Map(bytes.map((set) => parsePps(set)).map((pps) => [pps.id, pps]));
    setsOfTrack.set(track, sets);
  }
  return sets.get(id);
}

/**
 * The frame's first slice is a B slice; in H.265 those may come without any reordering (low-delay B). Looks at its first
 * bytes. With `track`, extra slice header bits are known; without, none are assumed, as no camera is known to send them.
 */
export function hasBSlices(frame: VideoFrame, track?: VideoTrack): boolean {
  const slice = frame.nalUnits.find((unit) => unit.type <= 9);
  if (!slice) return false;
  const isB = tryParse(() => {
    const bits = new BitReader(removeEmulationPrevention(headOf(slice, 16)));
    bits.skip(16);
    if (!bits.flag()) return false;
    const pps = ppsOf(track, bits.readUe());
    bits.skip(pps?.extraSliceHeaderBits ?? 0);
    return bits.readUe() === 0;
  });
  return isB ?? false;
}
