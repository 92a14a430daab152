import { MediaError, type VideoTrack } from '#frame';
import { BytesWriter, readU16 } from '#bytes';
import { parseSps } from './sps.ts';

/** AVCDecoderConfigurationRecord of a track, with 4-byte lengths. @see ISO/IEC 14496-15 5.3.3.1 */
export function writeAvcConfiguration(track: VideoTrack): Uint8Array {
  const sps = track.parameterSets.filter((set) => (set[0]! & 0x1f) === 7).slice(0, 31);
  const pps = track.parameterSets.filter((set) => (set[0]! & 0x1f) === 8).slice(0, 255);
  if (sps.length === 0 || pps.length === 0) throw new MediaError('malformed', 'Expected an SPS and a PPS');
  const format = parseSps(sps[0]!);
  const writer = new BytesWriter();
  writer.u8(1); // configurationVersion
  writer.u8(format.profileIdc); // AVCProfileIndication
  writer.u8(format.constraintFlags); // profile_compatibility
  writer.u8(format.levelIdc); // AVCLevelIndication
  writer.u8(0xfc | 3); // lengthSizeMinusOne
  writer.u8(0xe0 | sps.length); // numOfSequenceParameterSets
  for (const set of sps) writer.u16(set.length).bytes(set);
  writer.u8(pps.length); // numOfPictureParameterSets
  for (const set of pps) writer.u16(set.length).bytes(set);
  if (format.profileIdc !== 66 && format.profileIdc !== 77 && format.profileIdc !== 88) {
    writer.u8(0xfc | format.chromaFormatIdc); // chroma_format
    writer.u8(0xf8 | (format.bitDepthLuma - 8)); // bit_depth_luma_minus8
    writer.u8(0xf8 | (format.bitDepthChroma - 8)); // bit_depth_chroma_minus8
    writer.u8(0); // numOfSequenceParameterSetExt
  }
  return writer.finish();
}

/** Parameter sets (views) and size of the lengths before NAL units. Throws `MediaError`. @see ISO/IEC 14496-15 5.3.3.1 */
export function parseAvcConfiguration(bytes: Uint8Array): { parameterSets: Uint8Array[]; lengthSizeBytes: number } {
  if (bytes.length < 7) throw new MediaError('truncated', 'avcC cut off');
  if (bytes[0] !== 1) throw new MediaError('unsupported', `Expected avcC version 1, got ${bytes[0]}`);
  const lengthSizeBytes = (bytes[4]! & 3) + 1;
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    if (at >= bytes.length) throw new MediaError('truncated', 'avcC cut off', at);
    const count = bytes[at++]! & mask;
    for (let index = 0; index < count; index++) {
      const size = readU16(bytes, at);
      if (at + 2 + size > bytes.length) throw new MediaError('truncated', 'avcC cut off', at);
      if (size > 0) parameterSets.push(bytes.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { parameterSets, lengthSizeBytes };
}
