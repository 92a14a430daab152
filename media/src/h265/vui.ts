import type { BitReader } from '#bytes';
import { readAspectRatio, type AspectRatio } from '#nal';
import { toFrameRate } from './vps.ts';

/** Video usability information. @see ITU-T H.265 E.2.1 */
export type H265Vui = {
  readonly sampleAspectRatio: AspectRatio | undefined;
  /** vui_time_scale / vui_num_units_in_tick. */
  readonly frameRate: number | undefined;
  /** field_seq_flag: every picture is one field. */
  readonly fieldSequence: boolean;
};

/** Reads vui_parameters() up to its timing. Throws `MediaError` where it is cut off. @see ITU-T H.265 E.2.1 */
export function parseVui(bits: BitReader): H265Vui {
  const sampleAspectRatio = bits.flag() ? readAspectRatio(bits) : undefined;
  if (bits.flag()) bits.skip(1); // overscan_appropriate_flag
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour_primaries, transfer_characteristics, matrix_coeffs
  }
  if (bits.flag()) {
    bits.readUe(); // chroma_sample_loc_type_top_field
    bits.readUe();
  }
  bits.skip(1); // neutral_chroma_indication_flag
  const fieldSequence = bits.flag();
  bits.skip(1); // frame_field_info_present_flag
  if (bits.flag()) for (let index = 0; index < 4; index++) bits.readUe(); // default display window
  const frameRate = bits.flag() ? toFrameRate(bits.read(32), bits.read(32)) : undefined;
  return { sampleAspectRatio, frameRate, fieldSequence };
}
