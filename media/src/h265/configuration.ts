import { MediaError, type VideoTrack } from '#frame';
import { BytesWriter, readU16 } from '#bytes';
import { parseSps } from './sps.ts';

/** HEVCDecoderConfigurationRecord of a track, with 4-byte lengths. @see ISO/IEC 14496-15 8.3.3.1 */
export function writeHevcConfiguration(track: VideoTrack): Uint8Array {
  const first = track.parameterSets.find((set) => ((set[0]! >> 1) & 0x3f) === 33);
  if (!first) throw new MediaError('malformed', 'Expected an SPS');
  const sps = parseSps(first);
  const { profile } = sps;
  const writer = new BytesWriter();
  writer.u8(1); // configurationVersion
  writer.u8((profile.profileSpace << 6) | (profile.highTier ? 0x20 : 0) | profile.profileIdc);
  writer.u32(profile.compatibilityFlags); // general_profile_compatibility_flags
  for (const byte of profile.constraintBytes) writer.u8(byte); // general_constraint_indicator_flags
  writer.u8(profile.levelIdc); // general_level_idc
  writer.u16(0xf000); // min_spatial_segmentation_idc: 0, not stated
  writer.u8(0xfc); // parallelismType: 0, mixed or unknown
  writer.u8(0xfc | sps.chromaFormatIdc); // chroma_format_idc
  writer.u8(0xf8 | (sps.bitDepthLuma - 8)); // bit_depth_luma_minus8
  writer.u8(0xf8 | (sps.bitDepthChroma - 8)); // bit_depth_chroma_minus8
  writer.u16(0); // avgFrameRate: not stated
  // constantFrameRate 0, numTemporalLayers, temporalIdNested, lengthSizeMinusOne
  writer.u8((sps.maxSubLayers << 3) | (sps.temporalIdNesting ? 4 : 0) | 3);
  const arrays = [32, 33, 34]
    .map((type) => ({ type, sets: track.parameterSets.filter((set) => ((set[0]! >> 1) & 0x3f) === type) }))
    .filter(({ sets }) => sets.length > 0);
  writer.u8(arrays.length); // numOfArrays
  for (const { type, sets } of arrays) {
    writer.u8(0x80 | type); // array_completeness, NAL_unit_type
    writer.u16(sets.length); // numNalus
    for (const set of sets) writer.u16(set.length).bytes(set);
  }
  return writer.finish();
}

/** Parameter sets (views; SEI and others left out) and size of the lengths before NAL units. Throws `MediaError`. @see ISO/IEC 14496-15 8.3.3.1 */
export function parseHevcConfiguration(bytes: Uint8Array): { parameterSets: Uint8Array[]; lengthSizeBytes: number } {
  if (bytes.length < 23) throw new MediaError('truncated', 'hvcC cut off');
  // Version 0 was written by encoders before the standard was final.
  if (bytes[0]! > 1) throw new MediaError('unsupported', `Expected hvcC version 1, got ${bytes[0]}`);
  const lengthSizeBytes = (bytes[21]! & 3) + 1;
  const parameterSets: Uint8Array[] = [];
  let at = 23;
  for (let array = bytes[22]!; array > 0; array--) {
    if (at >= bytes.length) throw new MediaError('truncated', 'hvcC cut off', at);
    const type = bytes[at]! & 0x3f;
    const count = readU16(bytes, at + 1);
    at += 3;
    for (let index = 0; index < count; index++) {
      const size = readU16(bytes, at);
      if (at + 2 + size > bytes.length) throw new MediaError('truncated', 'hvcC cut off', at);
      if (size > 0 && type >= 32 && type <= 34) parameterSets.push(bytes.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { parameterSets, lengthSizeBytes };
}
