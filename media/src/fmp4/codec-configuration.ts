import { BytesWriter, readU16, toHex } from '#bytes';
import type { VideoTrack } from '#frame';

/** HEVCDecoderConfigurationRecord. @see ISO/IEC 14496-15 8.3.3.1 */
export function writeHevcConfiguration(track: VideoTrack): Uint8Array {
  const sps = track.parameterSets.find((set) => ((set[0]! >> 1) & 0x3f) === 33)!;
  const writer = new BytesWriter();
  writer.u8(1).bytes(sps.subarray(3, 15)).u16(0xf000).u8(0xfc).u8(0xfd).u8(0xf8).u8(0xf8).u16(0).u8(0x0f);
  writer.u8(3);
  for (const type of [32, 33, 34]) {
    const sets = track.parameterSets.filter((set) => ((set[0]! >> 1) & 0x3f) === type);
    writer.u8(0x80 | type).u16(sets.length);
    for (const set of sets) writer.u16(set.length).bytes(set);
  }
  return writer.finish();
}

/** Parameter sets and size of the lengths before NAL units. @see ISO/IEC 14496-15 8.3.3.1 */
export function parseHevcConfiguration(bytes: Uint8Array): { lengthSizeBytes: number; parameterSets: Uint8Array[] } {
  const lengthSizeBytes = (bytes[21]! & 3) + 1;
  const parameterSets: Uint8Array[] = [];
  let at = 23;
  for (let arrays = bytes[22]!; arrays > 0; arrays--) {
    const type = bytes[at]! & 0x3f;
    const count = readU16(bytes, at + 1);
    at += 3;
    for (let index = 0; index < count; index++) {
      const size = readU16(bytes, at);
      if (type >= 32 && type <= 34) parameterSets.push(bytes.slice(at + 2, at + 2 + size));
      at += 2 + size;
    }
  }
  return { lengthSizeBytes, parameterSets };
}

export function toH265Track(options: { parameterSets: readonly Uint8Array[]; clockRateHz: number }): VideoTrack {
  const codecString = `hvc1.${toHex(options.parameterSets[1]!.subarray(3, 6))}`;
  return {
    kind: 'video',
    codec: 'h265',
    ...options,
    codecString,
    widthPx: 480,
    heightPx: 270,
    reorderDepth: undefined,
    frameRate: undefined,
  };
}
