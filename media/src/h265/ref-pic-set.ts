import { MediaError } from '#frame';
import type { BitReader } from '#bytes';

/** DeltaPocS0 and DeltaPocS1 of one short-term reference picture set, nearest first. */
type RefPicSet = { readonly before: readonly number[]; readonly after: readonly number[] };

const maxPictures = 16;

/** Reads the short-term reference picture sets of an SPS, to get behind them. @see ITU-T H.265 7.3.7, 7.4.8 */
export function skipRefPicSets(bits: BitReader): void {
  const count = bits.readUe();
  if (count > 64) throw new MediaError('malformed', `Expected at most 64 reference picture sets, got ${count}`);
  let last: RefPicSet = { before: [], after: [] };
  for (let index = 0; index < count; index++) {
    last = index > 0 && bits.flag() ? readPredicted(bits, last) : readExplicit(bits);
  }
}

function readExplicit(bits: BitReader): RefPicSet {
  const counts = [bits.readUe(), bits.readUe()] as const;
  if (counts[0] > maxPictures || counts[1] > maxPictures) {
    throw new MediaError('malformed', 'Expected at most 16 reference pictures');
  }
  const readSide = (count: number, sign: number): number[] => {
    let delta = 0;
    return Array.from({ length: count }, () => {
      delta += sign * (bits.readUe() + 1);
      bits.skip(1); // used_by_curr_pic_flag
      return delta;
    });
  };
  return { before: readSide(counts[0], -1), after: readSide(counts[1], 1) };
}

/** inter_ref_pic_set_prediction_flag: the set before, shifted. @see ITU-T H.265 7.4.8, equations 7-61 and 7-62 */
function readPredicted(bits: BitReader, from: RefPicSet): RefPicSet {
  const sign = bits.flag() ? -1 : 1;
  const shift = sign * (bits.readUe() + 1);
  const deltas = [...from.before, ...from.after, 0].map((delta) => delta + shift);
  const kept = deltas.filter(() => bits.flag() || bits.flag()); // used_by_curr_pic_flag, else use_delta_flag
  const before = kept.filter((delta) => delta < 0).sort((a, b) => b - a);
  const after = kept.filter((delta) => delta > 0).sort((a, b) => a - b);
  return { before: before.slice(0, maxPictures), after: after.slice(0, maxPictures) };
}
