import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AudioTrack, CodedFrame, TrackDescription, VideoCodec, VideoTrack } from '@porchlight/media/frame';
import { parseLengthPrefixed, splitByteStream } from '@porchlight/media/nal';

/** A file's tracks and frames in decode order, read with ffprobe, so that live view is tested without the house's own readers. */
export type Clip = {
  readonly path: string;
  readonly tracks: readonly TrackDescription[];
  readonly frames: readonly DueFrame[];
};
export type DueFrame = { readonly frame: CodedFrame; readonly dueMs: number };

type ProbedStream = {
  index: number;
  codec_name: string;
  codec_type: string;
  width: number;
  height: number;
  time_base: string;
  has_b_frames: number;
  sample_rate: string;
  channels: number;
};
type ProbedPacket = {
  stream_index: number;
  pts: number;
  dts: number;
  duration: number;
  size: string;
  pos: string;
  flags: string;
};

/** Reads an MP4 with one H.264 or H.265 track and, when asked for, its AAC track. */
export function readClip(path: string, options: { audio?: boolean } = {}): Clip {
  const probed = JSON.parse(
    execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', path], {
      maxBuffer: 64 << 20,
    }).toString(),
  ) as { streams: ProbedStream[]; packets: ProbedPacket[] };
  const file = readFileSync(path);
  const wanted = probed.streams.filter(
    ({ codec_type }) => codec_type === 'video' || (options.audio === true && codec_type === 'audio'),
  );
  const tracks = wanted.map((stream) => (stream.codec_type === 'video' ? toVideo(path, stream) : toAudio(stream)));
  const frames: DueFrame[] = [];
  for (const packet of probed.packets) {
    const track = wanted.findIndex(({ index }) => index === packet.stream_index);
    const description = tracks[track];
    if (!description) continue;
    const bytes = new Uint8Array(file.subarray(Number(packet.pos), Number(packet.pos) + Number(packet.size)));
    frames.push({
      frame: toFrame(bytes, packet, track, description),
      dueMs: (packet.dts * 1000) / description.clockRateHz,
    });
  }
  frames.sort((a, b) => a.dueMs - b.dueMs);
  return { path, tracks, frames };
}

/** MD5 of every picture of the first video track as ffmpeg decodes it, in display order. */
export function frameHashes(path: string, ...filters: string[]): string[] {
  const args = [
    '-v',
    'error',
    '-i',
    path,
    '-map',
    '0:v:0',
    ...filters,
    '-fps_mode',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ];
  const text = execFileSync('ffmpeg', args, { maxBuffer: 64 << 20 }).toString();
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(',').at(-1)!.trim());
}

function toFrame(bytes: Uint8Array, packet: ProbedPacket, track: number, description: TrackDescription): CodedFrame {
  if (description.kind === 'audio') {
    return { kind: 'audio', track, ptsTicks: packet.pts, durationTicks: packet.duration, data: bytes };
  }
  const nalUnits = parseLengthPrefixed(bytes, 4, description.codec);
  return {
    kind: 'video',
    track,
    ptsTicks: packet.pts,
    key: packet.flags.startsWith('K'),
    reference: !packet.flags.includes('D'),
    nalUnits,
    sizeBytes: nalUnits.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    packetsLost: 0,
  };
}

function toVideo(path: string, stream: ProbedStream): VideoTrack {
  const codec: VideoCodec = stream.codec_name === 'h264' ? 'h264' : 'h265';
  const format = codec === 'h264' ? 'h264' : 'hevc';
  const args = ['-v', 'error', '-i', path, '-map', '0:v:0', '-c', 'copy', '-bsf:v', `${format}_mp4toannexb`];
  const annexB = execFileSync('ffmpeg', [...args, '-frames:v', '1', '-f', format, '-'], { maxBuffer: 64 << 20 });
  const isSet = (unit: Uint8Array): boolean =>
    codec === 'h264' ? [7, 8].includes(unit[0]! & 0x1f) : [32, 33, 34].includes((unit[0]! >> 1) & 0x3f);
  const parameterSets = splitByteStream(new Uint8Array(annexB)).filter(isSet);
  const hex = Buffer.from(parameterSets[0]!.subarray(1, 4)).toString('hex');
  return {
    kind: 'video',
    codec,
    clockRateHz: Number(stream.time_base.split('/')[1]),
    parameterSets,
    codecString: codec === 'h264' ? `avc1.${hex}` : 'hvc1.1.6.L93.B0',
    widthPx: stream.width,
    heightPx: stream.height,
    reorderDepth: stream.has_b_frames,
    frameRate: undefined,
  };
}

function toAudio(stream: ProbedStream): AudioTrack {
  const sampleRateHz = Number(stream.sample_rate);
  const frequencies = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000];
  const config = (2 << 11) | (frequencies.indexOf(sampleRateHz) << 7) | (stream.channels << 3);
  return {
    kind: 'audio',
    codec: 'aac',
    clockRateHz: sampleRateHz,
    sampleRateHz,
    channels: stream.channels,
    config: new Uint8Array([config >> 8, config & 0xff]),
    codecString: 'mp4a.40.2',
  };
}
