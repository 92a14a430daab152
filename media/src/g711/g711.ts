/** The two companding laws. @see ITU-T G.711 */
export type G711Codec = 'pcmu' | 'pcma';

const tables: Readonly<Record<G711Codec, Int16Array>> = { pcmu: toTable(expandMu), pcma: toTable(expandA) };

/** 16-bit linear samples of G.711 bytes, one for one; a new array. @see ITU-T G.711 2 */
export function decodeG711(codec: G711Codec, bytes: Uint8Array): Int16Array {
  const table = tables[codec];
  const samples = new Int16Array(bytes.length);
  for (let index = 0; index < bytes.length; index++) samples[index] = table[bytes[index]!]!;
  return samples;
}

function toTable(expand: (byte: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, byte) => expand(byte));
}

/** µ-law: all bits inverted, 14-bit magnitude with a bias of 33, shifted to 16 bits. @see ITU-T G.711 table 2 */
function expandMu(byte: number): number {
  const value = ~byte & 0xff;
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84;
  return (value & 0x80) !== 0 ? -magnitude : magnitude;
}

/** A-law: even bits inverted, 13-bit magnitude shifted to 16 bits. @see ITU-T G.711 table 1 */
function expandA(byte: number): number {
  const value = byte ^ 0x55;
  const exponent = (value & 0x70) >> 4;
  const mantissa = ((value & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (value & 0x80) !== 0 ? magnitude : -magnitude;
}
