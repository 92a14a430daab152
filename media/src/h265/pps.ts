import { MediaError } from '#frame';
import { BitReader } from '#bytes';
import { removeEmulationPrevention } from '#nal';

/** What the house reads of a picture parameter set: as much as a slice header needs. @see ITU-T H.265 7.3.2.3 */
export type H265Pps = {
  readonly id: number;
  readonly spsId: number;
  readonly dependentSlicesEnabled: boolean;
  readonly outputFlagPresent: boolean;
  readonly extraSliceHeaderBits: number;
};

/** Reads a picture parameter set: NAL unit bytes, header first. Throws `MediaError`. @see ITU-T H.265 7.3.2.3 */
export function parsePps(nalUnit: Uint8Array): H265Pps {
  if (((nalUnit[0]! >> 1) & 0x3f) !== 34) throw new MediaError('malformed', 'Expected an H.265 PPS (nal_unit_type 34)');
  const bits = new BitReader(removeEmulationPrevention(nalUnit.subarray(0, 64)));
  bits.skip(16);
  const id = bits.readUe();
  const spsId = bits.readUe();
  if (id > 63 || spsId > 15) throw new MediaError('malformed', `PPS ${id} of SPS ${spsId} cannot be`);
  const dependentSlicesEnabled = bits.flag();
  const outputFlagPresent = bits.flag();
  const extraSliceHeaderBits = bits.read(3);
  bits.skip(1); // sign_data_hiding_enabled_flag: at least this must be there
  return { id, spsId, dependentSlicesEnabled, outputFlagPresent, extraSliceHeaderBits };
}
