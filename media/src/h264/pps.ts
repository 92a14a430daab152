import { MediaError } from '#frame';
import { BitReader } from '#bytes';
import { removeEmulationPrevention } from '#nal';

/** What the house reads of a picture parameter set: as much as a slice header needs. @see ITU-T H.264 7.3.2.2 */
export type H264Pps = {
  readonly id: number;
  readonly spsId: number;
  readonly bottomFieldPicOrderInFramePresent: boolean;
  readonly numRefIdxDefault: readonly [number, number];
  readonly weightedPred: boolean;
  readonly weightedBipredIdc: number;
  readonly redundantPicCntPresent: boolean;
};

/** Reads a picture parameter set: NAL unit bytes, header first, no start code. Throws `MediaError`. */
export function parsePps(nalUnit: Uint8Array): H264Pps {
  if ((nalUnit[0]! & 0x1f) !== 8) throw new MediaError('malformed', 'Expected an H.264 PPS (nal_unit_type 8)');
  const bits = new BitReader(removeEmulationPrevention(nalUnit));
  bits.skip(8);
  const id = bits.readUe();
  const spsId = bits.readUe();
  if (id > 255 || spsId > 31) throw new MediaError('malformed', `PPS ${id} of SPS ${spsId} cannot be`);
  bits.skip(1); // entropy_coding_mode_flag
  const bottomFieldPicOrderInFramePresent = bits.flag();
  const sliceGroups = bits.readUe() + 1;
  if (sliceGroups > 8) throw new MediaError('malformed', `Expected at most 8 slice groups, got ${sliceGroups}`);
  if (sliceGroups > 1) skipSliceGroups(bits, sliceGroups);
  const numRefIdxDefault = [bits.readUe() + 1, bits.readUe() + 1] as const;
  const weightedPred = bits.flag();
  const weightedBipredIdc = bits.read(2);
  bits.readSe(); // pic_init_qp_minus26
  bits.readSe(); // pic_init_qs_minus26
  bits.readSe(); // chroma_qp_index_offset
  bits.skip(2); // deblocking_filter_control_present_flag, constrained_intra_pred_flag
  const redundantPicCntPresent = bits.flag();
  return {
    id,
    spsId,
    bottomFieldPicOrderInFramePresent,
    numRefIdxDefault,
    weightedPred,
    weightedBipredIdc,
    redundantPicCntPresent,
  };
}

/** Flexible macroblock ordering. @see ITU-T H.264 7.4.2.2 */
function skipSliceGroups(bits: BitReader, groups: number): void {
  const type = bits.readUe();
  if (type === 0) for (let group = 0; group < groups; group++) bits.readUe();
  else if (type === 2) for (let group = 0; group < 2 * (groups - 1); group++) bits.readUe();
  else if (type >= 3 && type <= 5) {
    bits.skip(1);
    bits.readUe();
  } else if (type === 6) {
    const mapUnits = bits.readUe() + 1;
    bits.skip(mapUnits * Math.ceil(Math.log2(groups)));
  }
}
