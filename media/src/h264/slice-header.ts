import { MediaError, type NalUnit } from '#frame';
import { BitReader } from '#bytes';
import { byteAt, headOf, removeEmulationPrevention, tryParse, wordAt } from '#nal';
import type { H264Pps } from './pps.ts';
import type { H264Sps } from './sps.ts';

/** A slice header as far as picture order and picture boundaries need it. @see ITU-T H.264 7.3.3 */
export type H264SliceHeader = {
  readonly nalType: number;
  readonly refIdc: number;
  readonly firstMb: number;
  /** slice_type modulo 5: 0 P, 1 B, 2 I, 3 SP, 4 SI. */
  readonly sliceType: number;
  readonly ppsId: number;
  readonly frameNum: number;
  readonly field: 'frame' | 'top' | 'bottom';
  readonly idrPicId: number;
  readonly pocLsb: number;
  readonly deltaPocBottom: number;
  readonly deltaPoc: readonly [number, number];
  readonly redundantPicCnt: number;
  /** Memory management control operation 5: order counting starts over with this picture. */
  readonly resetsOrder: boolean;
};

/** The two fields at the front of every slice header that need no parameter set, and the id of the PPS. */
export type H264SliceStart = { readonly firstMb: number; readonly sliceType: number; readonly ppsId: number };

/** Longest slice header that is read: 32 + 32 reference pictures with weights fit. */
const maxHeaderBytes = 1024;

/** The slice header's first three fields. Looks at 16 bytes at most; throws `MediaError`. */
export function readSliceStart(unit: NalUnit): H264SliceStart {
  const bits = new BitReader(removeEmulationPrevention(headOf(unit, 16)));
  bits.skip(8);
  return { firstMb: bits.readUe(), sliceType: bits.readUe() % 5, ppsId: bits.readUe() };
}

/**
 * pic_parameter_set_id. Where the three fields take up to 24 bits, which is nearly always, they are read as they lie, for every picture is asked:
 * an emulation prevention byte stands behind 16 zeros only. Throws `MediaError`.
 */
export function readPpsId(unit: NalUnit): number {
  let bits = wordAt(unit, 1);
  let [used, value] = [unit.sizeBytes < 5 ? 25 : 0, 0];
  for (let field = 0; field < 3 && used <= 24; field++) {
    const length = 2 * Math.clz32(bits) + 1; // ue(v), 9.1
    used += length;
    value = (bits >>> (32 - length)) - 1;
    bits <<= length;
  }
  return used <= 24 ? value : readSliceStart(unit).ppsId;
}

/** first_mb_in_slice is 0: read from one byte. */
export function isFirstSlice(unit: NalUnit): boolean {
  return (byteAt(unit, 1) & 0x80) !== 0 && unit.sizeBytes > 1;
}

/** Reads a slice header (nal_unit_type 1, 2 or 5). Throws `MediaError`. @see ITU-T H.264 7.3.3 */
export function parseSliceHeader(unit: NalUnit, sets: { sps: H264Sps; pps: H264Pps }): H264SliceHeader {
  const { sps, pps } = sets;
  const bytes = removeEmulationPrevention(headOf(unit, maxHeaderBytes));
  const bits = new BitReader(bytes);
  bits.skip(1);
  const refIdc = bits.read(2);
  const nalType = bits.read(5);
  const firstMb = bits.readUe();
  const sliceType = bits.readUe() % 5;
  const ppsId = bits.readUe();
  if (sps.separateColourPlanes) bits.skip(2);
  const frameNum = bits.read(sps.frameNumBits);
  const isField = !sps.frameMbsOnly && bits.flag();
  const field = isField ? (bits.flag() ? 'bottom' : 'top') : 'frame';
  const idrPicId = nalType === 5 ? bits.readUe() : 0;
  const inFrame = pps.bottomFieldPicOrderInFramePresent && !isField;
  const pocLsb = sps.pocType === 0 ? bits.read(sps.pocLsbBits) : 0;
  const deltaPocBottom = sps.pocType === 0 && inFrame ? bits.readSe() : 0;
  const hasDelta = sps.pocType === 1 && !sps.deltaPicOrderAlwaysZero;
  const deltaPoc = [hasDelta ? bits.readSe() : 0, hasDelta && inFrame ? bits.readSe() : 0] as const;
  const redundantPicCnt = pps.redundantPicCntPresent ? bits.readUe() : 0;
  const start = { nalType, refIdc, firstMb, sliceType, ppsId, frameNum, field, idrPicId } as const;
  const resetsOrder = refIdc > 0 && nalType !== 5 && findsReset(bits, { sliceType, sps, pps });
  return { ...start, pocLsb, deltaPocBottom, deltaPoc, redundantPicCnt, resetsOrder };
}

type SliceContext = { readonly sliceType: number; readonly sps: H264Sps; readonly pps: H264Pps };

/** Reads on to dec_ref_pic_marking() and looks for operation 5. */
function findsReset(bits: BitReader, { sliceType, sps, pps }: SliceContext): boolean {
  const isB = sliceType === 1;
  const isP = sliceType === 0 || sliceType === 3;
  const found = tryParse(() => {
    if (isB) bits.skip(1); // direct_spatial_mv_pred_flag
    const counts = readReferenceCounts(bits, { isB, isP, pps });
    if (isP || isB) skipListModification(bits);
    if (isB) skipListModification(bits);
    if ((pps.weightedPred && isP) || (pps.weightedBipredIdc === 1 && isB)) {
      skipPredictionWeights(bits, isB ? counts : [counts[0], 0], sps);
    }
    return readsOperation5(bits);
  });
  return found ?? false;
}

function readReferenceCounts(bits: BitReader, of: { isB: boolean; isP: boolean; pps: H264Pps }): [number, number] {
  const counts: [number, number] = [of.pps.numRefIdxDefault[0], of.pps.numRefIdxDefault[1]];
  if ((of.isP || of.isB) && bits.flag()) {
    counts[0] = bits.readUe() + 1;
    if (of.isB) counts[1] = bits.readUe() + 1;
  }
  if (counts[0] > 32 || counts[1] > 32) throw new MediaError('malformed', 'Expected at most 32 reference pictures');
  return counts;
}

/** @see ITU-T H.264 7.3.3.1 */
function skipListModification(bits: BitReader): void {
  if (!bits.flag()) return;
  while (bits.readUe() !== 3) bits.readUe();
}

/** @see ITU-T H.264 7.3.3.2 */
function skipPredictionWeights(bits: BitReader, counts: readonly number[], sps: H264Sps): void {
  const hasChroma = sps.chromaFormatIdc !== 0 && !sps.separateColourPlanes;
  bits.readUe();
  if (hasChroma) bits.readUe();
  for (const count of counts) {
    for (let index = 0; index < count; index++) {
      if (bits.flag()) for (let value = 0; value < 2; value++) bits.readSe();
      if (hasChroma && bits.flag()) for (let value = 0; value < 4; value++) bits.readSe();
    }
  }
}

/** dec_ref_pic_marking() of a picture that is not IDR. @see ITU-T H.264 7.3.3.3 */
function readsOperation5(bits: BitReader): boolean {
  if (!bits.flag()) return false;
  for (;;) {
    const operation = bits.readUe();
    if (operation === 0) return false;
    if (operation === 5) return true;
    if (operation === 3) bits.readUe();
    if (operation === 1 || operation === 2 || operation === 3 || operation === 4 || operation === 6) bits.readUe();
  }
}
