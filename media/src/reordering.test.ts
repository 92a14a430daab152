import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import { openDecodeTimes, type VideoFrame, type VideoTrack } from '#frame';
import { hasBSlices as hasH264BSlices, readH264ByteStream } from '#h264';
import { hasBSlices as hasH265BSlices, readH265ByteStream } from '#h265';

/** Real streams and how many of their pictures are B pictures, as ffprobe counts them. */
const streams: readonly { readonly file: readonly string[]; readonly codec: 'h264' | 'h265'; readonly b: number }[] = [
  { file: ['video', 'indoor-two-persons-one-by-one.mp4'], codec: 'h264', b: 284 },
  { file: ['video', 'outdoor-person-and-dog.mp4'], codec: 'h264', b: 213 },
  { file: ['video', 'carpark-four-cars-exposure-drift.mp4'], codec: 'h264', b: 0 },
  { file: ['faces', 'video', 'personA-again.mkv'], codec: 'h264', b: 57 },
  { file: ['faces', 'video', 'personC-book.mkv'], codec: 'h264', b: 80 },
  { file: ['bitstreams', 'containers', 'androidx-bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4'], codec: 'h264', b: 84 },
  { file: ['bitstreams', 'containers', 'androidx-h265_bframes.mp4'], codec: 'h265', b: 21 },
  { file: ['bitstreams', 'containers', 'androidx-sample_h265.ts'], codec: 'h265', b: 21 },
];

const maxBuffer = 64 * 1024 * 1024;

function readFrames(path: string, codec: 'h264' | 'h265'): { track: VideoTrack; frames: VideoFrame[] } {
  const format = codec === 'h264' ? 'h264' : 'hevc';
  const args = ['-v', 'error', '-i', path, '-map', '0:v:0', '-c', 'copy', '-f', format, '-'];
  const bytes = execFileSync('ffmpeg', args, { maxBuffer });
  const items = codec === 'h264' ? readH264ByteStream(bytes) : readH265ByteStream(bytes);
  const tracks = items.filter((item): item is VideoTrack => 'codec' in item);
  assert.equal(tracks.length, 1);
  return { track: tracks[0]!, frames: items.filter((item): item is VideoFrame => !('codec' in item)) };
}

/** Presentation times of the container, in decode order. */
function containerTimes(path: string): number[] {
  const args = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts', '-of', 'csv=p=0', path];
  const lines = execFileSync('ffprobe', args, { encoding: 'utf8', maxBuffer }).split('\n');
  return lines
    .map((line) => line.replace(/,.*$/, '').trim())
    .filter((line) => line !== '')
    .map(Number);
}

function ranks(times: readonly number[]): number[] {
  const sorted = [...times].sort((a, b) => a - b);
  return times.map((time) => sorted.indexOf(time));
}

describe('real streams with B pictures', needs('ffmpeg', 'footage'), () => {
  for (const { file, codec, b } of streams) {
    const path = footagePath(...file);
    const name = file.at(-1)!;

    it(`${name}: picture order counts give the order that the container's times give`, () => {
      const { frames } = readFrames(path, codec);
      assert.deepEqual(ranks(frames.map((frame) => frame.ptsTicks)), ranks(containerTimes(path)));
    });

    it(`${name}: decode times strictly increase and none lies after its picture`, () => {
      const { track, frames } = readFrames(path, codec);
      const times = openDecodeTimes({ clockRateHz: 90000, reorderDepth: track.reorderDepth });
      let last = Number.NEGATIVE_INFINITY;
      let raises = 0;
      for (const { ptsTicks } of frames) {
        const { dtsTicks, raised } = times.next(ptsTicks);
        assert.ok(dtsTicks <= ptsTicks, `decode time ${dtsTicks} of picture ${ptsTicks}`);
        assert.ok(raised || dtsTicks > last, `decode time ${dtsTicks} after ${last}`);
        if (raised) raises++;
        last = dtsTicks;
      }
      assert.ok(track.reorderDepth === undefined || raises === 0, 'the stated reorder depth holds');
      assert.ok(raises <= 2);
    });

    it(`${name}: ${b} pictures hold B slices`, () => {
      const { track, frames } = readFrames(path, codec);
      const hasB = (frame: VideoFrame) => (codec === 'h264' ? hasH264BSlices(frame) : hasH265BSlices(frame, track));
      assert.equal(frames.filter(hasB).length, b);
    });
  }
});
