import { MediaError } from '#frame';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Bytes of base64 text. Missing padding and white space are accepted: cameras send both. @see RFC 4648 4 */
export function parseBase64(text: string): Uint8Array {
  const clean = text.replace(/[\s=]/g, '');
  const bytes = new Uint8Array(Math.floor((clean.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (let index = 0; index < clean.length; index++) {
    const value = alphabet.indexOf(clean[index]!);
    if (value < 0) throw new MediaError('malformed', `Not base64 at character ${index}`, index);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 0xff;
    }
  }
  return bytes;
}

/** Base64 text with padding. @see RFC 4648 4 */
export function writeBase64(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const word = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    const have = bytes.length - index;
    text += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!;
    text += have > 1 ? alphabet[(word >> 6) & 63]! : '=';
    text += have > 2 ? alphabet[word & 63]! : '=';
  }
  return text;
}

/** Text with one character per byte. */
export function parseLatin1(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 4096) {
    text += String.fromCharCode(...bytes.subarray(index, index + 4096));
  }
  return text;
}

/** Text of UTF-8 bytes; broken sequences become U+FFFD. */
export function parseUtf8(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length;) {
    const lead = bytes[index]!;
    const more = lead < 0x80 ? 0 : lead >= 0xf0 && lead < 0xf5 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : -1;
    const tail = bytes.subarray(index + 1, index + 1 + Math.max(more, 0));
    if (more < 0 || lead >= 0xf5 || tail.length < more || !tail.every((byte) => (byte & 0xc0) === 0x80)) {
      text += '\ufffd';
      index += 1;
      continue;
    }
    let point = more === 0 ? lead : lead & (0x3f >> more);
    for (const byte of tail) point = (point << 6) | (byte & 0x3f);
    text += point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? '\ufffd' : String.fromCodePoint(point);
    index += 1 + more;
  }
  return text;
}

/** UTF-8 bytes of a text. */
export function writeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  }
  return new Uint8Array(bytes);
}
