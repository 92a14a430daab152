import { BitReader } from '#bytes';
import { MediaError } from '#frame';
import { readAudioSpecificConfig } from './audio-specific-config.ts';

/** How LATM multiplexes: one program, one layer, byte-counted frames; nothing else is sent by cameras. */
export type StreamMuxConfig = {
  /** AudioSpecificConfig, padded with zero bits to whole bytes. */
  readonly config: Uint8Array;
  /** Access units in one audioMuxElement. */
  readonly subFrames: number;
  /** Bits of other data behind the payloads. */
  readonly otherDataBits: number;
};

/** StreamMuxConfig as in the fmtp `config` of MP4A-LATM. @see ISO/IEC 14496-3 1.7.3.1, RFC 6416 7.3 */
export function parseStreamMuxConfig(bytes: Uint8Array): StreamMuxConfig {
  return readStreamMuxConfig(new BitReader(bytes), bytes);
}

/** Reads a StreamMuxConfig at the reader's position; `bytes` are those the reader reads. */
export function readStreamMuxConfig(reader: BitReader, bytes: Uint8Array): StreamMuxConfig {
  const version = reader.read(1);
  if (version === 1 && reader.flag()) throw new MediaError('unsupported', 'LATM audioMuxVersionA 1');
  if (version === 1) readLatmValue(reader); // taraBufferFullness
  if (!reader.flag()) throw new MediaError('unsupported', 'LATM with several time framings');
  const subFrames = reader.read(6) + 1;
  if (reader.read(4) !== 0 || reader.read(3) !== 0)
    throw new MediaError('unsupported', 'LATM with several programs or layers');
  const configBits = version === 1 ? readLatmValue(reader) : -1;
  const start = reader.position;
  if (configBits > 8192) throw new MediaError('too-large', 'AudioSpecificConfig above 1024 bytes');
  if (configBits >= 0) reader.skip(configBits);
  else readAudioSpecificConfig(reader, false);
  const config = copyBits(bytes, start, reader.position - start);
  if (reader.read(3) !== 0) throw new MediaError('unsupported', 'LATM frame length type other than 0');
  reader.skip(8); // latmBufferFullness
  const otherDataBits = reader.flag() ? readOtherDataLength(reader, version) : 0;
  if (reader.flag()) reader.skip(8); // crcCheckSum
  return { config, subFrames, otherDataBits };
}

/** These bits of `bytes` from the top of a new array on; the rest of its last byte is zero. */
export function copyBits(bytes: Uint8Array, startBit: number, bits: number): Uint8Array {
  const copy = new Uint8Array(Math.ceil(bits / 8));
  const shift = startBit & 7;
  const from = startBit >> 3;
  for (let index = 0; index < copy.length; index++) {
    const pair = (bytes[from + index]! << 8) | (bytes[from + index + 1] ?? 0);
    copy[index] = pair >> (8 - shift);
  }
  if (bits & 7) copy[copy.length - 1]! &= 0xff << (8 - (bits & 7));
  return copy;
}

/** @see ISO/IEC 14496-3 1.7.3.1 LatmGetValue */
function readLatmValue(reader: BitReader): number {
  const bytes = reader.read(2) + 1;
  return reader.read(bytes * 8);
}

function readOtherDataLength(reader: BitReader, version: number): number {
  if (version === 1) return readLatmValue(reader);
  let bits = 0;
  let more = true;
  while (more) {
    more = reader.flag();
    bits = bits * 256 + reader.read(8);
    if (bits > 0xff_ffff) throw new MediaError('too-large', 'LATM other data above 2 MiB');
  }
  return bits;
}
