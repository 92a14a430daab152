import type { NalUnit } from '#frame';
import { BitReader } from '#bytes';
import { headOf, removeEmulationPrevention, tryParse } from '#nal';

const maxSeiBytes = 512;

/** recovery_frame_cnt of an SEI NAL unit; undefined where it carries no recovery point. @see ITU-T H.264 7.3.2.3, D.1.8 */
export function findRecoveryPoint(sei: NalUnit): number | undefined {
  const bytes = removeEmulationPrevention(headOf(sei, maxSeiBytes));
  let at = 1;
  while (at + 2 < bytes.length) {
    let type = 0;
    while (bytes[at] === 0xff) type += bytes[at++]!;
    type += bytes[at++] ?? 0;
    let size = 0;
    while (bytes[at] === 0xff) size += bytes[at++]!;
    size += bytes[at++] ?? 0;
    if (type === 6 && at < bytes.length) {
      return tryParse(() => new BitReader(bytes.subarray(at, at + Math.max(size, 1))).readUe());
    }
    at += size;
  }
  return undefined;
}
