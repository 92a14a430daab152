import { concatBytes, parseHex, toHex } from '#bytes';
import type { CodedFrame, Damage, NalUnit, TrackDescription, VideoFrame } from '#frame';
import { toContiguous, toNalUnit } from '#nal';
import { openH265Depacketizer, packetizeH265 } from '../index.ts';

/** 320 × 240, 25 pictures a second. */
export const vps = parseHex('40010c06ffff01400000030080000003000003003c000008240c0000030004000003006540');
export const sps = parseHex('42010601400000030080000003000003003c0000a00a080f16342099246cac80');
export const pps = parseHex('4401c071c0d920');
export const aud = parseHex('460150');
export const prefixSei = parseHex('4e01050401020304' + '80');
export const suffixSei = parseHex('5001840401020304' + '80');
export const endOfSequence = parseHex('4801');
/** First slice segments: IDR_W_RADL, CRA, TRAIL_R, TRAIL_N, RASL_N. */
export const idr = parseHex('2601af1873dc98723eb4');
export const cra = parseHex('2a01af1873dc98723eb4');
export const trail = parseHex('0201e0010511e638a5b8');
export const trailNonReference = parseHex('0001e0010511e638a5b8');
/** The same, second slice segment. */
export const idrSecond = parseHex('26012f1873dc98723eb4');
export const trailSecond = parseHex('020160010511e638a5b8');

/** An open depacketizer and everything it delivered. */
export function open(parameterSets: readonly Uint8Array[] = [vps, sps, pps]) {
  const frames: VideoFrame[] = [];
  const tracks: TrackDescription[] = [];
  const damage: Damage[] = [];
  const events: string[] = [];
  const depacketizer = openH265Depacketizer({
    track: 3,
    clockRateHz: 90000,
    parameterSets,
    sink: {
      onTrack: (_index, track) => {
        tracks.push(track);
        events.push('track');
      },
      onFrame: (frame: CodedFrame) => {
        frames.push(frame as VideoFrame);
        events.push('frame');
      },
      onDamage: (value) => damage.push(value),
    },
  });
  return { ...depacketizer, frames, tracks, damage, events };
}

export const hex = (frame: VideoFrame | undefined) => frame?.nalUnits.map((unit) => toHex(toContiguous(unit)));
export const counts = (damage: readonly Damage[]) => damage.map(({ reason, count }) => [reason, count]);

/** Fragmentation units of one NAL unit, `size` bytes of it in each. */
export function fragments(nalUnit: Uint8Array, size: number): Uint8Array[] {
  return packetizeH265([toNalUnit('h265', nalUnit)], size + 3);
}

export function aggregate(...nalUnits: Uint8Array[]): Uint8Array {
  const sized = nalUnits.flatMap((unit) => [Uint8Array.of(unit.length >> 8, unit.length), unit]);
  return concatBytes([Uint8Array.of(0x60, 0x01), ...sized]);
}

/** A NAL unit in parts of 7 bytes. */
export function inParts(bytes: Uint8Array): NalUnit {
  const count = Math.ceil(bytes.length / 7);
  const parts = Array.from({ length: count }, (_, index) => bytes.subarray(index * 7, (index + 1) * 7));
  return { ...toNalUnit('h265', bytes), parts };
}
