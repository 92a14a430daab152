/** An access unit without the ADTS header that some cameras leave in front; anything else unchanged. @see ISO/IEC 14496-3 1.A.2.2 */
export function stripAdts(unit: Uint8Array): Uint8Array {
  if (unit.length < 8 || unit[0] !== 0xff || (unit[1]! & 0xf6) !== 0xf0) return unit;
  const sizeBytes = ((unit[3]! & 0x03) << 11) | (unit[4]! << 3) | (unit[5]! >> 5);
  const headerBytes = (unit[1]! & 0x01) === 1 ? 7 : 9;
  return sizeBytes === unit.length && sizeBytes > headerBytes ? unit.subarray(headerBytes) : unit;
}
