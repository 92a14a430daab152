/**
 * RBSP of a NAL unit's bytes: `00 00 03` becomes `00 00`. Returns `bytes` itself when there is nothing to remove.
 * @see ITU-T H.264 7.3.1
 */
export function removeEmulationPrevention(bytes: Uint8Array): Uint8Array {
  let first = -1;
  for (let at = 2; at < bytes.length; at++) {
    if (bytes[at] === 3 && bytes[at - 1] === 0 && bytes[at - 2] === 0) {
      first = at;
      break;
    }
  }
  if (first < 0) return bytes;
  const rbsp = new Uint8Array(bytes.length - 1);
  rbsp.set(bytes.subarray(0, first));
  let length = first;
  let zeros = 0;
  for (let at = first + 1; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    rbsp[length++] = byte;
  }
  return rbsp.subarray(0, length);
}
