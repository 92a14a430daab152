/**
 * Index of the next `00 00 01` at or after `from`, or -1. Looks at every third byte, so that scanning what a camera sends costs next to nothing.
 * @see ITU-T H.264 B.1.1
 */
export function findStartCode(bytes: Uint8Array, from: number): number {
  const length = bytes.length;
  let at = from + 2;
  while (at < length) {
    const byte = bytes[at]!;
    if (byte > 1) at += 3;
    else if (byte === 0) at += 1;
    else if (bytes[at - 1] === 0 && bytes[at - 2] === 0) return at - 2;
    else at += 3;
  }
  return -1;
}

/** `bytes` without its last zeros: `trailing_zero_8bits`, never part of a NAL unit (7.4.1). A view. */
export function trimTrailingZeros(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/**
 * NAL units of an Annex B byte stream as views, without start codes and trailing zeros; empty ones are left out.
 * What stands before the first start code is not a NAL unit and is left out.
 * @see ITU-T H.264 B.2
 */
export function splitByteStream(bytes: Uint8Array): Uint8Array[] {
  const nalUnits: Uint8Array[] = [];
  let start = findStartCode(bytes, 0);
  while (start >= 0) {
    const next = findStartCode(bytes, start + 3);
    const nalUnit = trimTrailingZeros(bytes.subarray(start + 3, next < 0 ? bytes.length : next));
    if (nalUnit.length > 0) nalUnits.push(nalUnit);
    start = next;
  }
  return nalUnits;
}

/** Whole NAL units out of sets that may carry Annex B start codes, as some cameras' sprop-parameter-sets do. */
export function toNalUnitBytes(sets: readonly Uint8Array[]): Uint8Array[] {
  return sets.flatMap((set) => {
    const start = findStartCode(set, 0);
    if (start < 0) return set.length > 0 ? [set] : [];
    const before = set.subarray(0, start);
    return [...(before.some((byte) => byte !== 0) ? [before] : []), ...splitByteStream(set)];
  });
}
