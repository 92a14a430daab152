import { parseHex } from '@porchlight/media/bytes';
import type { AudioTrack, CodedFrame, NalUnit, VideoTrack } from '@porchlight/media/frame';
import type { FrameSource } from './feed.ts';

export type DrawnSourceOptions = {
  readonly fps?: number;
  /** Pictures from key frame to key frame. */
  readonly gopLength?: number;
  /** Size of each picture; at least 16. */
  readonly pictureBytes?: number;
  readonly audio?: 'pcmu' | 'aac' | 'opus';
  /** Between references are two pictures that are shown before the second one and come after it. */
  readonly bPictures?: boolean;
};

const videoRateHz = 90_000;

/** 640 × 360, baseline. */
export const drawnVideoTrack: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  clockRateHz: videoRateHz,
  parameterSets: [parseHex('6742c01e95a0280bfe54'), parseHex('68ce3c80')],
  codecString: 'avc1.42c01e',
  widthPx: 640,
  heightPx: 360,
  reorderDepth: 0,
  frameRate: undefined,
};

/**
 * An endless camera without a picture: frames of the right shape, each with its number in it (`toFrameNumber`), so that
 * a test sees every frame that is lost, doubled or out of order without decoding.
 */
export function openDrawnSource(options: DrawnSourceOptions = {}): FrameSource {
  const { fps = 10, gopLength = 20, pictureBytes = 200, audio, bPictures = false } = options;
  const audioTrack = audio && toAudioTrack(audio);
  const audioTicks = audio === 'pcmu' ? 160 : audio === 'aac' ? 1024 : 960;
  let pictures = 0;
  let sounds = 0;
  return {
    tracks: audioTrack === undefined ? [drawnVideoTrack] : [drawnVideoTrack, audioTrack],
    next() {
      const videoMs = (pictures * 1000) / fps;
      const audioMs = audioTrack === undefined ? Infinity : (sounds * audioTicks * 1000) / audioTrack.clockRateHz;
      if (audioMs < videoMs) {
        const ptsTicks = sounds * audioTicks;
        const data = audio === 'pcmu' ? tone(ptsTicks, audioTicks) : numbered(sounds, 24);
        sounds++;
        return {
          frame: { kind: 'audio', track: 1, ptsTicks, durationTicks: audioTicks, data },
          dtsTicks: ptsTicks,
          dueMs: audioMs,
        };
      }
      const frame = drawPicture(pictures, {
        key: pictures % gopLength === 0,
        ptsTicks: Math.round(((bPictures ? toShown(pictures) : pictures) * videoRateHz) / fps),
        pictureBytes,
      });
      const dtsTicks = bPictures ? Math.round(((pictures - 1) * videoRateHz) / fps) : frame.ptsTicks;
      pictures++;
      return { frame, dtsTicks, dueMs: videoMs };
    },
  };
}

/** I P B B P B B …: the place in order of display of the picture that comes as number `count`. */
const toShown = (count: number): number => (count === 0 ? 0 : count % 3 === 1 ? count + 2 : count - 1);

function drawPicture(count: number, options: { key: boolean; ptsTicks: number; pictureBytes: number }): CodedFrame {
  const { key, ptsTicks, pictureBytes } = options;
  const bytes = numbered(count, pictureBytes);
  bytes[0] = key ? 0x65 : 0x41;
  // In two parts, as from two RTP packets.
  const unit: NalUnit = {
    type: key ? 5 : 1,
    parts: [bytes.subarray(0, 7), bytes.subarray(7)],
    sizeBytes: bytes.length,
  };
  return {
    kind: 'video',
    track: 0,
    ptsTicks,
    key,
    reference: true,
    nalUnits: [unit],
    sizeBytes: bytes.length,
    packetsLost: 0,
  };
}

function numbered(count: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes).fill(0x80 + (count % 64));
  new DataView(bytes.buffer).setUint32(8, count);
  return bytes;
}

/** The number of a drawn frame, from the bytes of its sample in a file. */
export function toFrameNumber(sample: Uint8Array, kind: 'video' | 'audio'): number {
  return new DataView(sample.buffer, sample.byteOffset).getUint32(kind === 'video' ? 12 : 8);
}

/** G.711 bytes that differ all the time. */
function tone(ptsTicks: number, samples: number): Uint8Array {
  return Uint8Array.from(
    { length: samples },
    (_, index) => ((ptsTicks + index) * 7 + ((ptsTicks + index) >> 8)) & 0xff,
  );
}

function toAudioTrack(codec: 'pcmu' | 'aac' | 'opus'): AudioTrack {
  const base = { kind: 'audio' as const, codec, channels: 1, config: new Uint8Array(0) };
  if (codec === 'pcmu') return { ...base, clockRateHz: 8000, sampleRateHz: 8000, codecString: 'ulaw' };
  if (codec === 'opus') return { ...base, clockRateHz: 48_000, sampleRateHz: 48_000, codecString: 'opus' };
  return { ...base, clockRateHz: 16_000, sampleRateHz: 16_000, config: parseHex('1408'), codecString: 'mp4a.40.2' };
}
