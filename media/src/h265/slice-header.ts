import type { NalUnit } from '#frame';
import { BitReader } from '#bytes';
import { byteAt, headOf, removeEmulationPrevention, wordAt } from '#nal';
import type { H265Pps } from './pps.ts';
import type { H265Sps } from './sps.ts';

/** A slice segment header as far as picture order needs it. @see ITU-T H.265 7.3.6.1 */
export type H265SliceHeader = {
  readonly nalType: number;
  readonly layerId: number;
  readonly temporalId: number;
  readonly firstInPicture: boolean;
  readonly ppsId: number;
  /** 0 B, 1 P, 2 I; undefined in a dependent slice segment. */
  readonly sliceType: number | undefined;
  readonly pocLsb: number;
};

const maxHeaderBytes = 64;

/** nuh_layer_id. */
export function layerIdOf(unit: NalUnit): number {
  return ((byteAt(unit, 0) & 1) << 5) | ((byteAt(unit, 1) & 0xff) >> 3);
}

/** TemporalId. */
export function temporalIdOf(unit: NalUnit): number {
  return Math.max(0, (byteAt(unit, 1) & 7) - 1);
}

/** Pictures at which decoding can start: BLA, IDR, CRA. */
export function isRandomAccess(nalType: number): boolean {
  return nalType >= 16 && nalType <= 21;
}

/** first_slice_segment_in_pic_flag: read from one byte. */
export function isFirstSlice(unit: NalUnit): boolean {
  return unit.sizeBytes > 2 && (byteAt(unit, 2) & 0x80) !== 0;
}

/**
 * slice_pic_parameter_set_id, which needs no parameter set. Where it takes up to 15 bits it is read as it lies, for every picture is asked: an emulation
 * prevention byte stands behind 16 zeros only. Throws `MediaError`.
 */
export function readPpsId(unit: NalUnit): number {
  const flags = unit.type >= 16 && unit.type <= 23 ? 2 : 1;
  const word = wordAt(unit, 2) << flags;
  const length = 2 * Math.clz32(word) + 1; // ue(v), 9.2
  if (unit.sizeBytes >= 6 && length <= 15) return (word >>> (32 - length)) - 1;
  const bits = new BitReader(removeEmulationPrevention(headOf(unit, 16)));
  bits.skip(16 + flags);
  return bits.readUe();
}

/** Reads a slice segment header. Throws `MediaError`. @see ITU-T H.265 7.3.6.1 */
export function parseSliceHeader(unit: NalUnit, sets: { sps: H265Sps; pps: H265Pps }): H265SliceHeader {
  const { sps, pps } = sets;
  const bits = new BitReader(removeEmulationPrevention(headOf(unit, maxHeaderBytes)));
  bits.skip(1);
  const nalType = bits.read(6);
  const layerId = bits.read(6);
  const temporalId = Math.max(0, bits.read(3) - 1);
  const firstInPicture = bits.flag();
  if (nalType >= 16 && nalType <= 23) bits.skip(1); // no_output_of_prior_pics_flag
  const ppsId = bits.readUe();
  const isDependent = !firstInPicture && pps.dependentSlicesEnabled && bits.flag();
  if (!firstInPicture) bits.skip(sps.addressBits);
  const start = { nalType, layerId, temporalId, firstInPicture, ppsId };
  if (isDependent) return { ...start, sliceType: undefined, pocLsb: 0 };
  bits.skip(pps.extraSliceHeaderBits);
  const sliceType = bits.readUe();
  if (pps.outputFlagPresent) bits.skip(1); // pic_output_flag
  if (sps.separateColourPlanes) bits.skip(2); // colour_plane_id
  const isIdr = nalType === 19 || nalType === 20;
  return { ...start, sliceType, pocLsb: isIdr ? 0 : bits.read(sps.pocLsbBits) };
}
