import type { VideoFrame } from '#frame';
import { tryParse } from '#nal';
import { readSliceStart } from './slice-header.ts';

/** The frame holds a B slice. Looks at the first bytes of its slices; a slice too short to tell counts as none. */
export function hasBSlices(frame: VideoFrame): boolean {
  return frame.nalUnits.some((unit) => {
    if (unit.type !== 1 && unit.type !== 2) return false;
    return tryParse(() => readSliceStart(unit))?.sliceType === 1;
  });
}
