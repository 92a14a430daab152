import { MediaError } from '#frame';
import { BitReader } from '#bytes';
import { removeEmulationPrevention, tryParse } from '#nal';
import { parseVui, type H264Vui } from './vui.ts';

/** What the house reads of a sequence parameter set. @see ITU-T H.264 7.3.2.1.1 */
export type H264Sps = {
  readonly id: number;
  readonly profileIdc: number;
  /** constraint_set0_flag … constraint_set5_flag and two reserved bits, most significant first. */
  readonly constraintFlags: number;
  readonly levelIdc: number;
  readonly chromaFormatIdc: number;
  readonly separateColourPlanes: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  readonly frameNumBits: number;
  readonly pocType: 0 | 1 | 2;
  /** pocType 0. */
  readonly pocLsbBits: number;
  /** pocType 1. */
  readonly deltaPicOrderAlwaysZero: boolean;
  readonly offsetForNonRefPic: number;
  readonly offsetForTopToBottomField: number;
  readonly offsetsForRefFrame: readonly number[];
  readonly maxNumRefFrames: number;
  readonly frameMbsOnly: boolean;
  /** Cropped. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Undefined where absent or broken: a picture decodes without it. */
  readonly vui: H264Vui | undefined;
};

/** Profiles whose SPS carries chroma format and bit depths. @see ITU-T H.264 7.3.2.1.1 */
const highProfiles = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** MaxDpbFrames and picture sizes of level 6.2 stay far below. */
const maxSizePx = 16384;

/** Profiles whose SPS carries chroma format and bit depths, and whose avcC has a tail. */
export function isHighProfile(profileIdc: number): boolean {
  return highProfiles.has(profileIdc);
}

/**
 * Reads a sequence parameter set: NAL unit bytes, header first, no start code. Bytes behind its end are accepted (Reolink
 * sends some). Throws `MediaError`. @see ITU-T H.264 7.3.2.1.1
 */
export function parseSps(nalUnit: Uint8Array): H264Sps {
  if ((nalUnit[0]! & 0x1f) !== 7) throw new MediaError('malformed', 'Expected an H.264 SPS (nal_unit_type 7)');
  const bits = new BitReader(removeEmulationPrevention(nalUnit));
  bits.skip(8);
  const profileIdc = bits.read(8);
  const constraintFlags = bits.read(8);
  const levelIdc = bits.read(8);
  const id = limited(bits.readUe(), 31, 'seq_parameter_set_id');
  const format = readFormat(bits, profileIdc);
  const frameNumBits = limited(bits.readUe(), 12, 'log2_max_frame_num_minus4') + 4;
  const order = readPictureOrder(bits);
  const maxNumRefFrames = bits.readUe();
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const size = readSize(bits, format.separateColourPlanes ? 0 : format.chromaFormatIdc);
  const head = { id, profileIdc, constraintFlags, levelIdc };
  return { ...head, ...format, frameNumBits, ...order, maxNumRefFrames, ...size, vui: readVui(bits) };
}

function limited(value: number, max: number, name: string): number {
  if (value > max) throw new MediaError('malformed', `Expected ${name} of at most ${max}, got ${value}`);
  return value;
}

function readFormat(bits: BitReader, profileIdc: number) {
  if (!highProfiles.has(profileIdc)) {
    return { chromaFormatIdc: 1, separateColourPlanes: false, bitDepthLuma: 8, bitDepthChroma: 8 };
  }
  const chromaFormatIdc = limited(bits.readUe(), 3, 'chroma_format_idc');
  const separateColourPlanes = chromaFormatIdc === 3 && bits.flag();
  const bitDepthLuma = limited(bits.readUe(), 6, 'bit_depth_luma_minus8') + 8;
  const bitDepthChroma = limited(bits.readUe(), 6, 'bit_depth_chroma_minus8') + 8;
  bits.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.flag()) {
    const lists = chromaFormatIdc === 3 ? 12 : 8;
    for (let list = 0; list < lists; list++) if (bits.flag()) skipScalingList(bits, list < 6 ? 16 : 64);
  }
  return { chromaFormatIdc, separateColourPlanes, bitDepthLuma, bitDepthChroma };
}

/** @see ITU-T H.264 7.3.2.1.1.1 */
export function skipScalingList(bits: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let index = 0; index < size; index++) {
    if (next !== 0) next = (last + bits.readSe() + 256) % 256;
    last = next === 0 ? last : next;
  }
}

function readPictureOrder(bits: BitReader) {
  const pocType = limited(bits.readUe(), 2, 'pic_order_cnt_type') as 0 | 1 | 2;
  const pocLsbBits = pocType === 0 ? limited(bits.readUe(), 12, 'log2_max_pic_order_cnt_lsb_minus4') + 4 : 0;
  const none = { deltaPicOrderAlwaysZero: false, offsetForNonRefPic: 0, offsetForTopToBottomField: 0 };
  if (pocType !== 1) return { pocType, pocLsbBits, ...none, offsetsForRefFrame: [] };
  const deltaPicOrderAlwaysZero = bits.flag();
  const offsetForNonRefPic = bits.readSe();
  const offsetForTopToBottomField = bits.readSe();
  const count = limited(bits.readUe(), 255, 'num_ref_frames_in_pic_order_cnt_cycle');
  const offsetsForRefFrame = Array.from({ length: count }, () => bits.readSe());
  return {
    pocType,
    pocLsbBits,
    deltaPicOrderAlwaysZero,
    offsetForNonRefPic,
    offsetForTopToBottomField,
    offsetsForRefFrame,
  };
}

/** Picture size after cropping. @see ITU-T H.264 7.4.2.1.1, equations 7-19 to 7-22 */
function readSize(bits: BitReader, chromaArrayType: number) {
  const widthInMbs = bits.readUe() + 1;
  const heightInMapUnits = bits.readUe() + 1;
  const frameMbsOnly = bits.flag();
  if (!frameMbsOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  const rows = frameMbsOnly ? 1 : 2;
  let widthPx = widthInMbs * 16;
  let heightPx = heightInMapUnits * 16 * rows;
  if (bits.flag()) {
    const unitX = chromaArrayType === 1 || chromaArrayType === 2 ? 2 : 1;
    const unitY = (chromaArrayType === 1 ? 2 : 1) * rows;
    widthPx -= unitX * (bits.readUe() + bits.readUe());
    heightPx -= unitY * (bits.readUe() + bits.readUe());
  }
  if (widthPx <= 0 || heightPx <= 0) throw new MediaError('malformed', 'Cropping leaves no picture');
  if (widthPx > maxSizePx || heightPx > maxSizePx) {
    throw new MediaError('unsupported', `Picture of ${widthPx} by ${heightPx} is too large`);
  }
  return { frameMbsOnly, widthPx, heightPx };
}

function readVui(bits: BitReader): H264Vui | undefined {
  return tryParse(() => (bits.flag() ? parseVui(bits) : undefined));
}
