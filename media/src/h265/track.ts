import { MediaError, type VideoTrack } from '#frame';
import { toNalUnitBytes, tryParse } from '#nal';
import { toCodecString } from './profile-tier-level.ts';
import { parseSps } from './sps.ts';
import { parseVps } from './vps.ts';

export type H265TrackOptions = {
  /** VPS, SPS and PPS without start code or length, the SPS in use first; start codes that a camera left in are taken out. */
  readonly parameterSets: readonly Uint8Array[];
  readonly clockRateHz: number;
  /** Pictures per second from elsewhere (SDP), used where VUI and VPS state none. */
  readonly frameRate?: number | undefined;
};

/** Describes a track by its parameter sets, which are kept, not copied. Throws `MediaError` without VPS, SPS and PPS. */
export function toH265Track({ parameterSets, clockRateHz, frameRate }: H265TrackOptions): VideoTrack {
  const sets = toNalUnitBytes(parameterSets);
  const [vps, sps, pps] = [32, 33, 34].map((type) => sets.filter((set) => ((set[0]! >> 1) & 0x3f) === type));
  if (!vps?.length || !sps?.length || !pps?.length) {
    throw new MediaError('malformed', 'Expected a VPS, an SPS and a PPS');
  }
  const format = parseSps(sps[0]!);
  return {
    kind: 'video',
    codec: 'h265',
    clockRateHz,
    parameterSets: [...vps, ...sps, ...pps],
    codecString: toCodecString(format.profile),
    widthPx: format.widthPx,
    heightPx: format.heightPx,
    reorderDepth: format.maxNumReorderPics,
    frameRate: format.vui?.frameRate ?? tryParse(() => parseVps(vps[0]!))?.frameRate ?? frameRate,
  };
}
