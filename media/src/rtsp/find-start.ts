/** Where messages and frames begin and end, in bytes that may hold anything. */

/** Longest method that is believed. */
const maxMethodBytes = 32;
const version = [0x52, 0x54, 0x53, 0x50, 0x2f]; // RTSP/

/** Just behind the empty line that ends a head; -1 when it is not there yet. Line feeds may stand alone. */
export function findMessageEnd(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x0a, from); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    if (bytes[at + 1] === 0x0a) return at + 2;
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return at + 3;
  }
  return -1;
}

/** Whether a status line or a method may begin here, as far as there are bytes. */
export function mayBeMessage(bytes: Uint8Array, offset: number): boolean {
  if (!isLetter(bytes[offset]!)) return false;
  const end = Math.min(bytes.length, offset + maxMethodBytes + 1);
  for (let at = offset + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === 0x20) return at - offset >= 3;
    if (byte === 0x2f) return at - offset === 4;
    if (!isLetter(byte) && byte !== 0x5f) return false;
  }
  return bytes.length <= offset + maxMethodBytes;
}

/** Whether `RTSP/` stands here. */
export function isMessageStart(bytes: Uint8Array, offset: number): boolean {
  return version.every((byte, index) => (bytes[offset + index]! & 0xdf) === (byte & 0xdf));
}

/**
 * Whether an interleaved frame begins here: RTP or RTCP of version 2, on a channel that frames have come on, with something that may follow
 * a frame behind it, as far as there are bytes. Before the first frame any of the channels that are asked for will do.
 */
export function isFrameStart(bytes: Uint8Array, offset: number, channels: Uint8Array): boolean {
  const channel = bytes[offset + 1]!;
  const known = channels[channel] === 1 || channels[channel ^ 1] === 1 || (channel < 4 && !channels.includes(1));
  const sizeBytes = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
  if (!known || sizeBytes < 8 || bytes[offset + 4]! >> 6 !== 2) return false;
  return mayFollow(bytes[offset + 4 + sizeBytes]);
}

/** Whether a frame on a channel that none has come on begins here: it looks like RTP, or what follows it looks right. */
export function mayBeFrame(bytes: Uint8Array, offset: number): boolean {
  const sizeBytes = (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
  const first = bytes[offset + 4];
  return first === undefined || first >> 6 === 2 || mayFollow(bytes[offset + 4 + sizeBytes]);
}

/** A frame, a status line, an empty line, padding, or the end of what is here. */
function mayFollow(next: number | undefined): boolean {
  return next === undefined || next === 0x24 || next === 0x52 || next === 0x0d || next === 0x0a || next === 0;
}

/** Whether a byte is a letter of ASCII. */
export function isLetter(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a);
}
