import { MediaError } from '#frame';

function check(bytes: Uint8Array, offset: number, length: number): void {
  if (offset < 0 || offset + length > bytes.length) {
    throw new MediaError('truncated', `Expected ${length} bytes at ${offset}, have ${bytes.length}`, offset);
  }
}

/** Big-endian unsigned 16 bits. */
export function readU16(bytes: Uint8Array, offset: number): number {
  check(bytes, offset, 2);
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** Big-endian unsigned 24 bits. */
export function readU24(bytes: Uint8Array, offset: number): number {
  check(bytes, offset, 3);
  return (bytes[offset]! << 16) | (bytes[offset + 1]! << 8) | bytes[offset + 2]!;
}

/** Big-endian unsigned 32 bits. */
export function readU32(bytes: Uint8Array, offset: number): number {
  check(bytes, offset, 4);
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

/** One new array holding all parts, in order. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0;
  for (const part of parts) sizeBytes += part.length;
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Same length, same bytes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Bytes of a hexadecimal text of even length; refuses anything else. */
export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) throw new MediaError('malformed', 'Expected hexadecimal');
  const bytes = new Uint8Array(text.length / 2);
  for (let index = 0; index < bytes.length; index++) bytes[index] = parseInt(text.slice(index * 2, index * 2 + 2), 16);
  return bytes;
}

/** The same bytes in fewer views: neighbours in one buffer become one. Nothing is copied. */
export function joinAdjacent(parts: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = [];
  let first: Uint8Array | undefined;
  let sizeBytes = 0;
  for (const part of parts) {
    if (first && part.buffer === first.buffer && part.byteOffset === first.byteOffset + sizeBytes) {
      sizeBytes += part.length;
      continue;
    }
    if (first)
      joined.push(sizeBytes === first.length ? first : new Uint8Array(first.buffer, first.byteOffset, sizeBytes));
    first = part;
    sizeBytes = part.length;
  }
  if (first)
    joined.push(sizeBytes === first.length ? first : new Uint8Array(first.buffer, first.byteOffset, sizeBytes));
  return joined;
}
