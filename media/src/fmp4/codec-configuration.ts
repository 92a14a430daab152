import { BytesWriter, readU16 } from '#bytes';
import type { VideoTrack } from '#frame';

/** AVCDecoderConfigurationRecord. @see ISO/IEC 14496-15 5.3.3.1 */
export function writeAvcConfiguration(track: VideoTrack): Uint8Array {
  const sps = track.parameterSets.filter((set) => (set[0]! & 0x1f) === 7);
  const pps = track.parameterSets.filter((set) => (set[0]! & 0x1f) === 8);
  const writer = new BytesWriter();
  writer.u8(1).bytes(sps[0]!.subarray(1, 4)).u8(0xff);
  writer.u8(0xe0 | sps.length);
  for (const set of sps) writer.u16(set.length).bytes(set);
  writer.u8(pps.length);
  for (const set of pps) writer.u16(set.length).bytes(set);
  return writer.finish();
}

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

/** What a sample entry says about its NAL units. */
export type NalConfiguration = { readonly nalLengthSizeBytes: number; readonly parameterSets: readonly Uint8Array[] };

export function parseAvcConfiguration(bytes: Uint8Array): NalConfiguration {
  const nalLengthSizeBytes = (bytes[4]! & 3) + 1;
  const parameterSets: Uint8Array[] = [];
  let at = 6;
  const take = (count: number): void => {
    for (let index = 0; index < count; index++) {
      const size = readU16(bytes, at);
      parameterSets.push(bytes.slice(at + 2, at + 2 + size));
      at += 2 + size;
    }
  };
  take(bytes[5]! & 0x1f);
  take(bytes[at++]!);
  return { nalLengthSizeBytes, parameterSets };
}

export function parseHevcConfiguration(bytes: Uint8Array): NalConfiguration {
  const nalLengthSizeBytes = (bytes[21]! & 3) + 1;
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
  return { nalLengthSizeBytes, parameterSets };
}
