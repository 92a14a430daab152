import { writeBase64, toHex } from '@porchlight/media/bytes';
import type { AudioTrack, VideoTrack } from '@porchlight/media/frame';
import { writeSdp, type SdpMediaToWrite } from '@porchlight/media/sdp';
import type { SceneTrack } from '#scene';

/** The session description of a path. @see RFC 6184 8.2, RFC 7798 7.2, RFC 3640 4.1 */
export function describe(name: string, tracks: readonly SceneTrack[]): string {
  return writeSdp({
    name,
    id: 1,
    control: '*',
    attributes: [{ name: 'range', value: 'npt=now-' }],
    media: tracks.map((track, index) => toMedia(track, `trackID=${index}`)),
  });
}

function toMedia({ description, payloadType }: SceneTrack, control: string): SdpMediaToWrite {
  const parameters = new Map(
    description.kind === 'video' ? toVideoParameters(description) : toAudioParameters(description),
  );
  const payload = { payloadType, clockRateHz: description.clockRateHz, parameters };
  if (description.kind === 'video') {
    const frameRate = description.frameRate === undefined ? {} : { frameRate: description.frameRate };
    const encoding = description.codec === 'h264' ? 'H264' : 'H265';
    return { kind: 'video', control, payloads: [{ ...payload, encoding, channels: 1 }], ...frameRate };
  }
  const encoding = { aac: 'mpeg4-generic', pcmu: 'PCMU', pcma: 'PCMA', opus: 'opus', flac: 'FLAC' }[description.codec];
  return { kind: 'audio', control, payloads: [{ ...payload, encoding, channels: description.channels }] };
}

function toVideoParameters(track: VideoTrack): [string, string][] {
  const list = (type: number, typeOf: (first: number) => number): string =>
    track.parameterSets
      .filter((bytes) => typeOf(bytes[0]!) === type)
      .map(writeBase64)
      .join(',');
  if (track.codec === 'h264') {
    const typeOf = (first: number): number => first & 0x1f;
    const sps = track.parameterSets.find((bytes) => typeOf(bytes[0]!) === 7);
    return [
      ['packetization-mode', '1'],
      ['profile-level-id', sps ? toHex(sps.subarray(1, 4)).toUpperCase() : '42E01F'],
      ['sprop-parameter-sets', `${list(7, typeOf)},${list(8, typeOf)}`],
    ];
  }
  const typeOf = (first: number): number => (first >> 1) & 0x3f;
  return [
    ['sprop-vps', list(32, typeOf)],
    ['sprop-sps', list(33, typeOf)],
    ['sprop-pps', list(34, typeOf)],
  ];
}

function toAudioParameters(track: AudioTrack): [string, string][] {
  if (track.codec === 'opus') return [['sprop-stereo', track.channels > 1 ? '1' : '0']];
  if (track.codec !== 'aac') return [];
  return [
    ['streamtype', '5'],
    ['profile-level-id', '1'],
    ['mode', 'AAC-hbr'],
    ['sizelength', '13'],
    ['indexlength', '3'],
    ['indexdeltalength', '3'],
    ['config', toHex(track.config)],
  ];
}
