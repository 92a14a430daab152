import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { needs, openTempFolder } from '@porchlight/base/testing';
import type { VideoFrame, VideoTrack } from '#frame';
import { hasBSlices as hasH264BSlices, readH264ByteStream } from '#h264';
import { hasBSlices as hasH265BSlices, readH265ByteStream } from '#h265';

/** Formats that reach the seldom parts of parameter sets: what ffprobe says of each stream, we must say too. */
const formats = [
  { name: 'H.264 4:2:2, 10 bits', codec: 'h264', pixels: 'yuv422p10le', options: 'bframes=3' },
  {
    name: 'H.264 4:4:4, scaling lists, open GOP',
    codec: 'h264',
    pixels: 'yuv444p',
    options: 'cqm=jvt:bframes=5:open-gop=1:keyint=15',
  },
  { name: 'H.264 interlaced (MBAFF)', codec: 'h264', pixels: 'yuv420p', options: 'tff=1:bframes=2:keyint=20' },
  { name: 'H.264 periodic intra refresh', codec: 'h264', pixels: 'yuv420p', options: 'intra-refresh=1:bframes=0' },
  { name: 'H.264 monochrome', codec: 'h264', pixels: 'gray', options: 'bframes=1' },
  {
    name: 'H.265 10 bits, HRD, scaling lists, AUD',
    codec: 'h265',
    pixels: 'yuv420p10le',
    options: 'log-level=none:bframes=4:keyint=15:hrd=1:vbv-maxrate=500:vbv-bufsize=500:aud=1:scaling-list=default',
  },
  {
    name: 'H.265 4:2:2, slices, temporal layers, open GOP',
    codec: 'h265',
    pixels: 'yuv422p',
    options: 'log-level=none:slices=3:temporal-layers=3:open-gop=1:keyint=20',
  },
] as const;

function encode({ codec, pixels, options }: (typeof formats)[number]): Buffer {
  const source = ['-f', 'lavfi', '-i', 'testsrc2=size=336x196:rate=30', '-t', '1', '-pix_fmt', pixels];
  const encoder =
    codec === 'h264' ? ['-c:v', 'libx264', '-x264-params', options] : ['-c:v', 'libx265', '-x265-params', options];
  const output = ['-preset', 'superfast', '-f', codec === 'h264' ? 'h264' : 'hevc', '-'];
  return execFileSync('ffmpeg', ['-v', 'error', ...source, ...encoder, ...output], { maxBuffer: 1 << 26 });
}

/** Type of each picture in output order (`I`, `P`, `B`), its key flag, and the size of the stream. */
function probe(path: string, codec: 'h264' | 'h265') {
  const format = ['-f', codec === 'h264' ? 'h264' : 'hevc'];
  const entries = ['-show_entries', 'frame=key_frame,pict_type,width,height', '-of', 'json'];
  const text = execFileSync('ffprobe', ['-v', 'error', ...format, ...entries, path], { encoding: 'utf8' });
  const { frames } = JSON.parse(text) as {
    frames: { key_frame: number; pict_type: string; width: number; height: number }[];
  };
  return frames;
}

describe('seldom formats are read as ffprobe reads them', needs('ffmpeg'), () => {
  for (const format of formats) {
    it(format.name, () => {
      using folder = openTempFolder();
      const path = join(folder.path, 'stream');
      const bytes = encode(format);
      writeFileSync(path, bytes);
      const expected = probe(path, format.codec);
      const items = format.codec === 'h264' ? readH264ByteStream(bytes) : readH265ByteStream(bytes);
      const [track, ...more] = items.filter((item): item is VideoTrack => 'codec' in item);
      const frames = items.filter((item): item is VideoFrame => !('codec' in item));
      assert.equal(more.length, 0);
      assert.deepEqual([track!.widthPx, track!.heightPx], [expected[0]!.width, expected[0]!.height]);
      assert.equal(track!.frameRate, 30);
      const inOrder = [...frames].sort((a, b) => a.ptsTicks - b.ptsTicks);
      const isB = (frame: VideoFrame) =>
        format.codec === 'h264' ? hasH264BSlices(frame) : hasH265BSlices(frame, track);
      assert.deepEqual(
        inOrder.map((frame) => [isB(frame), frame.key]),
        expected.map((frame) => [frame.pict_type === 'B', frame.key_frame === 1]),
      );
    });
  }
});
