/** Largest access unit that 13 bits of size can name. @see RFC 3640 3.3.6 */
const maxUnitBytes = 8191;

/**
 * RTP payloads of one access unit in mode AAC-hbr (13/3/3): one payload, or fragments of at most `maxPayloadBytes`.
 * The marker bit belongs on the last. @see RFC 3640 3.3.6
 */
export function packetizeMpeg4Generic(unit: Uint8Array, maxPayloadBytes: number): Uint8Array[] {
  if (maxPayloadBytes < 5) throw new TypeError(`Expected \`maxPayloadBytes\` of at least 5, got ${maxPayloadBytes}`);
  if (unit.length > maxUnitBytes)
    throw new TypeError(`Expected at most ${maxUnitBytes} bytes of AAC, got ${unit.length}`);
  const payloads: Uint8Array[] = [];
  for (let at = 0; at < unit.length; at += maxPayloadBytes - 4) {
    const piece = unit.subarray(at, at + maxPayloadBytes - 4);
    const payload = new Uint8Array(4 + piece.length);
    payload[1] = 16; // AU-headers-length in bits
    payload[2] = unit.length >> 5; // AU-size, AU-Index 0
    payload[3] = unit.length << 3;
    payload.set(piece, 4);
    payloads.push(payload);
  }
  return payloads;
}
