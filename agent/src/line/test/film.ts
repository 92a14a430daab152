import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeBase64 } from '@porchlight/media/bytes';
import type { NalUnit, VideoFrame, VideoTrack } from '@porchlight/media/frame';
import { packetizeH264 } from '@porchlight/media/h264';
import { packetizeH265 } from '@porchlight/media/h265';
import { openMovie } from '@porchlight/media/mp4';

const rateHz = 90_000;
const maxPayloadBytes = 1400;

/** A film as a camera sends it: pictures in decode order, each as RTP payloads, with its times in ticks of 90 kHz. */
export type Film = {
  readonly path: string;
  readonly track: VideoTrack;
  readonly pictures: readonly {
    readonly key: boolean;
    readonly ptsTicks: number;
    /** When it is sent, from the first picture on. */
    readonly dueMs: number;
    /** With parameter sets in front of key pictures, or without any. */
    payloads(inBand: boolean): Uint8Array[];
  }[];
  /** From the first picture to the end of the last, as far as `ptsTicks` go. */
  readonly durationTicks: number;
};

/** Opens the video of an MP4. */
export function openFilm(path: string): Film {
  const bytes = readFileSync(path);
  const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const movie = openMovie({ sizeBytes: bytes.length, readAt });
  const index = movie.tracks.findIndex(({ kind }) => kind === 'video');
  const track = movie.tracks[index] as VideoTrack;
  const table = movie.samples[index]!;
  const toTicks = (ticks: number): number => Math.round((ticks * rateHz) / track.clockRateHz);
  const firstDts = table.dtsTicks[0]!;
  const pictures = Array.from({ length: table.sampleCount }, (_, sample) => {
    const frame = movie.readSample(index, sample) as VideoFrame;
    return {
      key: frame.key,
      ptsTicks: toTicks(frame.ptsTicks - firstDts),
      dueMs: ((table.dtsTicks[sample]! - firstDts) * 1000) / track.clockRateHz,
      payloads: (inBand: boolean) => toPayloads(track, frame, inBand),
    };
  });
  const last = table.sampleCount - 1;
  return {
    path,
    track,
    pictures,
    durationTicks: toTicks(table.dtsTicks[last]! + table.durationTicks[last]! - firstDts),
  };
}

const typeOf = ({ codec }: VideoTrack, bytes: Uint8Array): number =>
  codec === 'h264' ? bytes[0]! & 0x1f : (bytes[0]! >> 1) & 0x3f;
const setTypes = { h264: [7, 8], h265: [32, 33, 34] };

function toPayloads(track: VideoTrack, frame: VideoFrame, inBand: boolean): Uint8Array[] {
  const plain = frame.nalUnits.filter(({ type }) => !setTypes[track.codec].includes(type));
  const sets = track.parameterSets.map((bytes): NalUnit => {
    return { type: typeOf(track, bytes), parts: [bytes], sizeBytes: bytes.length };
  });
  const packetize = track.codec === 'h264' ? packetizeH264 : packetizeH265;
  return packetize(inBand && frame.key ? [...sets, ...plain] : plain, maxPayloadBytes);
}

/** The description with the film's parameter sets in place of the camera's own; a start code behind them (GW) stays. */
export function withSetsOf({ track }: Film, sdp: string): string {
  const find = (type: number): Uint8Array => track.parameterSets.find((bytes) => typeOf(track, bytes) === type)!;
  const encode = (type: number, before: string): string => {
    const trailing = before.endsWith('AAAAAE=') ? [0, 0, 0, 1] : [];
    return writeBase64(Uint8Array.from([...find(type), ...trailing]));
  };
  return sdp
    .replace(/sprop-parameter-sets=("?)([^;\s"]*)/, (_all, quote: string, before: string) => {
      return `sprop-parameter-sets=${quote}${encode(7, before)},${encode(8, before)}`;
    })
    .replace(/sprop-vps=[^;\s]*/, `sprop-vps=${track.codec === 'h265' ? encode(32, '') : ''}`)
    .replace(/sprop-sps=[^;\s]*/, `sprop-sps=${track.codec === 'h265' ? encode(33, '') : ''}`)
    .replace(/sprop-pps=[^;\s]*/, `sprop-pps=${track.codec === 'h265' ? encode(34, '') : ''}`);
}

const ffmpeg = (...args: string[]): string =>
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });

const toHashes = (text: string): string[] =>
  text.split('\n').flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(',').at(-1)!.trim()]));

/** Hash of every decoded picture, in the order they are shown. */
export function hashPictures(path: string): string[] {
  return toHashes(ffmpeg('-i', path, '-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'));
}

/** Hash of every coded frame of sound. */
export function hashSounds(path: string): string[] {
  return toHashes(ffmpeg('-i', path, '-map', '0:a:0', '-c', 'copy', '-f', 'framemd5', '-'));
}
