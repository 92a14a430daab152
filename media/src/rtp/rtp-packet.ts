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

/**
 * First byte of the payload behind CSRCs and header extension; -1 for what is not an RTP packet.
 * @see RFC 3550 5.1, 5.3.1
 */
export function findPayloadStart(packet: Uint8Array): number {
  if (packet.length < rtpHeaderBytes || packet[0]! >> 6 !== 2) return -1;
  let start = rtpHeaderBytes + (packet[0]! & 0x0f) * 4;
  if ((packet[0]! & 0x10) !== 0) {
    if (start + 4 > packet.length) return -1;
    start += 4 + ((packet[start + 2]! << 8) | packet[start + 3]!) * 4;
  }
  return start > packet.length ? -1 : start;
}

/** End of the payload before padding; -1 when the padding count is impossible. */
export function findPayloadEnd(packet: Uint8Array, startBytes: number): number {
  if ((packet[0]! & 0x20) === 0) return packet.length;
  const padding = packet[packet.length - 1]!;
  const end = packet.length - padding;
  return padding === 0 || end < startBytes ? -1 : end;
}

function writeU32(target: Uint8Array, offset: number, value: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}
