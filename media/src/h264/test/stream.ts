import { concatBytes, parseHex, toHex } from '#bytes';
import type { CodedFrame, Damage, NalUnit, TrackDescription, VideoFrame } from '#frame';
import { toContiguous, toNalUnit } from '#nal';
import { openH264Depacketizer, packetizeH264 } from '../index.ts';
import assert from 'node:assert/strict';
export const sps = parseHex('6742c01fd9005005bb0110000003001000000301e0f1832480');
export const pps = parseHex('68cb83cb20');
export const aud = parseHex('09f0');
export const sei = parseHex('0605040102030480');
/** first_mb_in_slice 0, slice_type 7 (I), PPS 0. */
export const idr = parseHex('65888421ff3c5ea7');
export const idrSecondSlice = parseHex('65442221ff3c5ea7');
/** slice_type 5 (P). */
export const p = parseHex('419a2101ff3c5ea7');
export const pSecondSlice = parseHex('4146a101ff3c5ea7');
/** slice_type 6 (B), nal_ref_idc 0. */
export const b = parseHex('019e2101ff3c5ea7');
/** recovery_frame_cnt 0. */
export const recoveryPoint = parseHex('060601c480');
export const intra = parseHex('41888421ff3c5ea7');

/** An open depacketizer and everything it delivered. */
export function open(parameterSets: readonly Uint8Array[] = [sps, pps]) {
  const frames: VideoFrame[] = [];
  const tracks: TrackDescription[] = [];
  const damage: Damage[] = [];
  const events: string[] = [];
  const depacketizer = openH264Depacketizer({
    track: 3,
    clockRateHz: 90000,
    parameterSets,
    sink: {
      onTrack: (index, track) => {
        assert.equal(index, 3);
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

/** FU-A payloads of one NAL unit, `size` bytes of it in each. */
export function fuA(nalUnit: Uint8Array, size: number): Uint8Array[] {
  return packetizeH264([toNalUnit('h264', nalUnit)], size + 2);
}

export function stapA(...nalUnits: Uint8Array[]): Uint8Array {
  return concatBytes([
    Uint8Array.of(24),
    ...nalUnits.flatMap((unit) => [Uint8Array.of(unit.length >> 8, unit.length), unit]),
  ]);
}

/** A NAL unit in parts of 5 bytes. */
export function inParts(bytes: Uint8Array): NalUnit {
  const count = Math.ceil(bytes.length / 5);
  const parts = Array.from({ length: count }, (_, index) => bytes.subarray(index * 5, (index + 1) * 5));
  return { ...toNalUnit('h264', bytes), parts };
}
