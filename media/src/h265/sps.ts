import { MediaError } from '#frame';
import { BitReader } from '#bytes';
import { removeEmulationPrevention, tryParse } from '#nal';
import { readProfileTierLevel, type ProfileTierLevel } from './profile-tier-level.ts';
import { skipRefPicSets } from './ref-pic-set.ts';
import { parseVui, type H265Vui } from './vui.ts';

/** What the house reads of a sequence parameter set. @see ITU-T H.265 7.3.2.2 */
export type H265Sps = {
  readonly id: number;
  readonly vpsId: number;
  readonly maxSubLayers: number;
  readonly temporalIdNesting: boolean;
  readonly profile: ProfileTierLevel;
  readonly chromaFormatIdc: number;
  readonly separateColourPlanes: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly pocLsbBits: number;
  /** sps_max_num_reorder_pics of the highest sub-layer. */
  readonly maxNumReorderPics: number;
  /** Bits of slice_segment_address. */
  readonly addressBits: number;
  /** Inside the conformance window. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Undefined where absent or broken: a picture decodes without it. */
  readonly vui: H265Vui | undefined;
};

const maxSizePx = 16384;

function limited(value: number, max: number, name: string): number {
  if (value > max) throw new MediaError('malformed', `Expected ${name} of at most ${max}, got ${value}`);
  return value;
}

/**
 * Reads a sequence parameter set: NAL unit bytes, header first, no start code. Throws `MediaError`.
 * @see ITU-T H.265 7.3.2.2
 */
export function parseSps(nalUnit: Uint8Array): H265Sps {
  if (((nalUnit[0]! >> 1) & 0x3f) !== 33) throw new MediaError('malformed', 'Expected an H.265 SPS (nal_unit_type 33)');
  const bits = new BitReader(removeEmulationPrevention(nalUnit));
  bits.skip(16);
  const vpsId = bits.read(4);
  const maxSubLayersMinus1 = limited(bits.read(3), 6, 'sps_max_sub_layers_minus1');
  const temporalIdNesting = bits.flag();
  const profile = readProfileTierLevel(bits, maxSubLayersMinus1);
  const id = limited(bits.readUe(), 15, 'sps_seq_parameter_set_id');
  const chromaFormatIdc = limited(bits.readUe(), 3, 'chroma_format_idc');
  const separateColourPlanes = chromaFormatIdc === 3 && bits.flag();
  const coded = { width: bits.readUe(), height: bits.readUe() };
  const size = readWindow(bits, coded, separateColourPlanes ? 0 : chromaFormatIdc);
  const bitDepthLuma = limited(bits.readUe(), 8, 'bit_depth_luma_minus8') + 8;
  const bitDepthChroma = limited(bits.readUe(), 8, 'bit_depth_chroma_minus8') + 8;
  const pocLsbBits = limited(bits.readUe(), 12, 'log2_max_pic_order_cnt_lsb_minus4') + 4;
  const maxNumReorderPics = readReorder(bits, maxSubLayersMinus1);
  const minLog2 = limited(bits.readUe(), 3, 'log2_min_luma_coding_block_size_minus3') + 3;
  const ctbLog2 = minLog2 + limited(bits.readUe(), 3, 'log2_diff_max_min_luma_coding_block_size');
  const ctbs = Math.ceil(coded.width / 2 ** ctbLog2) * Math.ceil(coded.height / 2 ** ctbLog2);
  return {
    ...{ id, vpsId, maxSubLayers: maxSubLayersMinus1 + 1, temporalIdNesting, profile },
    ...{ chromaFormatIdc, separateColourPlanes, bitDepthLuma, bitDepthChroma, pocLsbBits, maxNumReorderPics },
    ...{ addressBits: Math.ceil(Math.log2(ctbs)), ...size },
    vui: readVui(bits, pocLsbBits),
  };
}

/** @see ITU-T H.265 7.4.3.2.1 */
function readWindow(bits: BitReader, coded: { width: number; height: number }, chromaArrayType: number) {
  let { width: widthPx, height: heightPx } = coded;
  if (bits.flag()) {
    const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
    widthPx -= unitX * (bits.readUe() + bits.readUe());
    heightPx -= (chromaArrayType === 1 ? 2 : 1) * (bits.readUe() + bits.readUe());
  }
  if (widthPx <= 0 || heightPx <= 0) throw new MediaError('malformed', 'The conformance window leaves no picture');
  if (coded.width > maxSizePx || coded.height > maxSizePx) {
    throw new MediaError('unsupported', `Picture of ${coded.width} by ${coded.height} is too large`);
  }
  return { widthPx, heightPx };
}

function readReorder(bits: BitReader, maxSubLayersMinus1: number): number {
  const orderings = bits.flag() ? maxSubLayersMinus1 + 1 : 1;
  let reorder = 0;
  for (let index = 0; index < orderings; index++) {
    bits.readUe(); // sps_max_dec_pic_buffering_minus1
    reorder = limited(bits.readUe(), 16, 'sps_max_num_reorder_pics');
    bits.readUe(); // sps_max_latency_increase_plus1
  }
  return reorder;
}

function readVui(bits: BitReader, pocLsbBits: number): H265Vui | undefined {
  return tryParse(() => {
    for (let index = 0; index < 4; index++) bits.readUe(); // transform block sizes and depths
    if (bits.flag() && bits.flag()) skipScalingLists(bits);
    bits.skip(2); // amp_enabled_flag, sample_adaptive_offset_enabled_flag
    if (bits.flag()) {
      bits.skip(8); // pcm bit depths
      bits.readUe();
      bits.readUe();
      bits.skip(1); // pcm_loop_filter_disabled_flag
    }
    skipRefPicSets(bits);
    if (bits.flag()) bits.skip(limited(bits.readUe(), 32, 'num_long_term_ref_pics_sps') * (pocLsbBits + 1));
    bits.skip(2); // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
    return bits.flag() ? parseVui(bits) : undefined;
  });
}

/** @see ITU-T H.265 7.3.4 */
function skipScalingLists(bits: BitReader): void {
  for (let sizeId = 0; sizeId < 4; sizeId++) {
    for (let matrixId = 0; matrixId < 6; matrixId += sizeId === 3 ? 3 : 1) {
      if (!bits.flag()) {
        bits.readUe(); // scaling_list_pred_matrix_id_delta
        continue;
      }
      if (sizeId > 1) bits.readSe(); // scaling_list_dc_coef_minus8
      for (let index = Math.min(64, 1 << (4 + (sizeId << 1))); index > 0; index--) bits.readSe();
    }
  }
}
