/** Bytes and bits. In: Uint8Array. Out: numbers, text, new arrays. Promises: input is never changed; reads past the end throw `MediaError`. */
export { BitReader } from './bit-reader.ts';
export { concatBytes, equalBytes, joinAdjacent, parseHex, readU16, readU24, readU32, toHex } from './bytes.ts';
export { BytesWriter } from './bytes-writer.ts';
export { parseBase64, parseLatin1, parseUtf8, writeBase64, writeUtf8 } from './text.ts';
