import { MediaError, type VideoTrack } from '#frame';
import { toNalUnitBytes } from '#nal';
import { toHex } from '#bytes';
import { parseSps, type H264Sps } from './sps.ts';

export type H264TrackOptions = {
  /** SPS and PPS without start code or length, the SPS in use first; start codes that a camera left in are taken out. */
  readonly parameterSets: readonly Uint8Array[];
  readonly clockRateHz: number;
  /** Pictures per second from elsewhere (SDP), used where the VUI states none. */
  readonly frameRate?: number | undefined;
};

/** Describes a track by its parameter sets, which are kept, not copied. Throws `MediaError` without an SPS and a PPS. */
export function toH264Track({ parameterSets, clockRateHz, frameRate }: H264TrackOptions): VideoTrack {
  const sets = toNalUnitBytes(parameterSets);
  const spsBytes = sets.filter((set) => (set[0]! & 0x1f) === 7);
  const ppsBytes = sets.filter((set) => (set[0]! & 0x1f) === 8);
  if (spsBytes.length === 0 || ppsBytes.length === 0) throw new MediaError('malformed', 'Expected an SPS and a PPS');
  const sps = parseSps(spsBytes[0]!);
  return {
    kind: 'video',
    codec: 'h264',
    clockRateHz,
    parameterSets: [...spsBytes, ...ppsBytes],
    codecString: `avc1.${toHex(spsBytes[0]!.subarray(1, 4))}`,
    widthPx: sps.widthPx,
    heightPx: sps.heightPx,
    reorderDepth: toReorderDepth(sps),
    frameRate: sps.vui?.frameRate ?? frameRate,
  };
}

/** 0 where the profile has no B pictures or the order is fixed, the VUI's word otherwise. @see ITU-T H.264 E.2.1 */
function toReorderDepth(sps: H264Sps): number | undefined {
  const intraOnly = sps.profileIdc === 44 || (sps.profileIdc >= 86 && (sps.constraintFlags & 0x10) !== 0);
  if (sps.profileIdc === 66 || sps.pocType === 2 || intraOnly) return 0;
  return sps.vui?.maxNumReorderFrames;
}
