import type { BitReader } from '#bytes';
import { readAspectRatio, tryParse, type AspectRatio } from '#nal';

/** Video usability information. @see ITU-T H.264 E.1.1 */
export type H264Vui = {
  readonly sampleAspectRatio: AspectRatio | undefined;
  /** time_scale / (2 × num_units_in_tick). */
  readonly frameRate: number | undefined;
  readonly fixedFrameRate: boolean;
  /** max_num_reorder_frames, when bitstream_restriction_flag is set. */
  readonly maxNumReorderFrames: number | undefined;
  readonly maxDecFrameBuffering: number | undefined;
};

function skipHrd(bits: BitReader): void {
  const count = Math.min(bits.readUe(), 31) + 1;
  bits.skip(8);
  for (let index = 0; index < count; index++) {
    bits.readUe();
    bits.readUe();
    bits.skip(1);
  }
  bits.skip(20);
}

function readTiming(bits: BitReader): Pick<H264Vui, 'frameRate' | 'fixedFrameRate'> {
  if (!bits.flag()) return { frameRate: undefined, fixedFrameRate: false };
  const unitsInTick = bits.read(32);
  const timeScale = bits.read(32);
  const fixedFrameRate = bits.flag();
  const rate = timeScale / (2 * unitsInTick);
  // Cameras write nonsense here (1 tick of 1 s, 90 kHz "frames"): only what can be a frame rate counts.
  return { frameRate: rate >= 0.1 && rate <= 1000 ? rate : undefined, fixedFrameRate };
}

/** Reads vui_parameters(). Throws `MediaError` where it is cut off. @see ITU-T H.264 E.1.1 */
export function parseVui(bits: BitReader): H264Vui {
  const sampleAspectRatio = bits.flag() ? readAspectRatio(bits) : undefined;
  if (bits.flag()) bits.skip(1); // overscan_appropriate_flag
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour_primaries, transfer_characteristics, matrix_coefficients
  }
  if (bits.flag()) {
    bits.readUe(); // chroma_sample_loc_type_top_field
    bits.readUe();
  }
  const timing = readTiming(bits);
  // Cut off behind the timing: what was read stays good.
  const restriction = tryParse(() => readRestriction(bits));
  return { sampleAspectRatio, ...timing, ...(restriction ?? noRestriction) };
}

const noRestriction = { maxNumReorderFrames: undefined, maxDecFrameBuffering: undefined };

/** Behind the HRD parameters: bitstream_restriction. Values that contradict each other count as absent. */
function readRestriction(bits: BitReader): Pick<H264Vui, 'maxNumReorderFrames' | 'maxDecFrameBuffering'> {
  const nalHrd = bits.flag();
  if (nalHrd) skipHrd(bits);
  const vclHrd = bits.flag();
  if (vclHrd) skipHrd(bits);
  if (nalHrd || vclHrd) bits.skip(1); // low_delay_hrd_flag
  bits.skip(1); // pic_struct_present_flag
  if (!bits.flag()) return noRestriction;
  bits.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let index = 0; index < 4; index++) bits.readUe();
  const maxNumReorderFrames = bits.readUe();
  const maxDecFrameBuffering = bits.readUe();
  const holds = maxNumReorderFrames <= maxDecFrameBuffering && maxDecFrameBuffering <= 16;
  return holds ? { maxNumReorderFrames, maxDecFrameBuffering } : noRestriction;
}
