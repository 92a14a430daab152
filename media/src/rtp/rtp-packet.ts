/** The 12 fixed bytes of every RTP packet without CSRC. @see RFC 3550 5.1 */
export const rtpHeaderBytes = 12;

/** Fields of an RTP packet to send. */
export type RtpPacketFields = {
  readonly payloadType: number;
  readonly marker: boolean;
  /** Taken modulo 2^16. */
  readonly sequence: number;
  /** Taken modulo 2^32. */
  readonly timestamp: number;
  readonly ssrc: number;
};

/** Writes the fixed header into `target` at `offset`; 12 bytes. @see RFC 3550 5.1 */
export function writeRtpHeader(target: Uint8Array, offset: number, fields: RtpPacketFields): void {
  target[offset] = 0x80;
  target[offset + 1] = (fields.marker ? 0x80 : 0) | (fields.payloadType & 0x7f);
  target[offset + 2] = fields.sequence >>> 8;
  target[offset + 3] = fields.sequence;
  writeU32(target, offset + 4, fields.timestamp);
  writeU32(target, offset + 8, fields.ssrc);
}

/** A whole packet in a new array; the payload is copied. @see RFC 3550 5.1 */
export function writeRtpPacket(fields: RtpPacketFields, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(rtpHeaderBytes + payload.length);
  writeRtpHeader(packet, 0, fields);
  packet.set(payload, rtpHeaderBytes);
  return packet;
}

const noBytes = new Uint8Array(0);

/** An RTP packet read where it lies, in a larger buffer; used again for packet after packet, for one object each would cost more than the packet. */
export class PacketReader {
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;
  /** First byte of the payload behind CSRCs and header extension. */
  payloadStart = 0;
  /** End of the payload before padding. */
  payloadEnd = 0;

  /** Takes the packet in `bytes` from `start` up to `end`; false for what is not an RTP packet. @see RFC 3550 5.1, 5.3.1 */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    // Packets come by the dozen in one buffer, and storing a young object in an old one costs more than asking.
    if (this.bytes !== bytes) this.bytes = bytes;
    this.start = start;
    this.end = end;
    if (end - start < rtpHeaderBytes) return false;
    const first = bytes[start]!;
    if (first >> 6 !== 2) return false;
    let at = start + rtpHeaderBytes + (first & 0x0f) * 4;
    if ((first & 0x10) !== 0) {
      if (at + 4 > end) return false;
      at += 4 + ((bytes[at + 2]! << 8) | bytes[at + 3]!) * 4;
    }
    if (at > end) return false;
    this.payloadStart = at;
    this.payloadEnd = end;
    if ((first & 0x20) === 0) return true;
    const padding = bytes[end - 1]!;
    this.payloadEnd = end - padding;
    return padding !== 0 && this.payloadEnd >= at;
  }

  get marker(): boolean {
    return this.bytes[this.start + 1]! >= 0x80;
  }

  get payloadType(): number {
    return this.bytes[this.start + 1]! & 0x7f;
  }

  get sequence(): number {
    return (this.bytes[this.start + 2]! << 8) | this.bytes[this.start + 3]!;
  }

  get timestamp(): number {
    return readU32(this.bytes, this.start + 4);
  }

  get ssrc(): number {
    return readU32(this.bytes, this.start + 8);
  }

  get sizeBytes(): number {
    return this.end - this.start;
  }
}

function readU32(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!) >>> 0;
}

function writeU32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}
