import { MediaError } from '#frame';
import { BitReader } from '#bytes';
import { removeEmulationPrevention, tryParse } from '#nal';
import { readProfileTierLevel } from './profile-tier-level.ts';

/** What the house reads of a video parameter set. @see ITU-T H.265 7.3.2.1 */
export type H265Vps = {
  readonly id: number;
  readonly maxSubLayers: number;
  readonly temporalIdNesting: boolean;
  /** From vps_timing_info, where it is present and can be one. */
  readonly frameRate: number | undefined;
};

/** Reads a video parameter set: NAL unit bytes, header first. Throws `MediaError`. @see ITU-T H.265 7.3.2.1 */
export function parseVps(nalUnit: Uint8Array): H265Vps {
  if (((nalUnit[0]! >> 1) & 0x3f) !== 32) throw new MediaError('malformed', 'Expected an H.265 VPS (nal_unit_type 32)');
  const bits = new BitReader(removeEmulationPrevention(nalUnit));
  bits.skip(16);
  const id = bits.read(4);
  bits.skip(8); // vps_base_layer_internal_flag, vps_base_layer_available_flag, vps_max_layers_minus1
  const maxSubLayersMinus1 = bits.read(3);
  if (maxSubLayersMinus1 > 6) throw new MediaError('malformed', 'Expected at most 7 sub-layers');
  const temporalIdNesting = bits.flag();
  bits.skip(16); // vps_reserved_0xffff_16bits
  readProfileTierLevel(bits, maxSubLayersMinus1);
  return { id, maxSubLayers: maxSubLayersMinus1 + 1, temporalIdNesting, frameRate: readRate(bits, maxSubLayersMinus1) };
}

function readRate(bits: BitReader, maxSubLayersMinus1: number): number | undefined {
  return tryParse(() => {
    const orderings = bits.flag() ? maxSubLayersMinus1 + 1 : 1;
    for (let index = 0; index < 3 * orderings; index++) bits.readUe();
    const maxLayerId = bits.read(6);
    const layerSets = bits.readUe();
    bits.skip(layerSets * (maxLayerId + 1)); // layer_id_included_flag
    return bits.flag() ? toFrameRate(bits.read(32), bits.read(32)) : undefined;
  });
}

/** Pictures per second of a tick; undefined for what cannot be a frame rate. */
export function toFrameRate(unitsInTick: number, timeScale: number): number | undefined {
  const rate = timeScale / unitsInTick;
  return rate >= 0.1 && rate <= 1000 ? rate : undefined;
}
