import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '#frame';
import { needs, openTempFolder } from '@porchlight/base/testing';
import { openLoop, openMovie } from './index.ts';
import { framemd5, toFragmented, toSource } from './test/files.ts';

const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=192x108:r=25:d=2'];
const tone = ['-f', 'lavfi', '-i', 'sine=f=440:r=48000:d=2'];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '20', '-threads', '1', '-pix_fmt', 'yuv420p'];
const bPictures = [
  '-c:v',
  'libx264',
  '-preset',
  'fast',
  '-bf',
  '3',
  '-b_strategy',
  '0',
  '-g',
  '20',
  '-threads',
  '1',
  '-pix_fmt',
  'yuv420p',
];

type Case = { readonly file: string; readonly args: readonly string[]; readonly codecs: readonly string[] };

const cases: readonly Case[] = [
  { file: 'faststart.mp4', args: [...bPictures, '-c:a', 'aac', '-movflags', '+faststart'], codecs: ['h264', 'aac'] },
  { file: 'quicktime-wave.mov', args: [...h264, '-c:a', 'aac'], codecs: ['h264', 'aac'] },
  { file: 'quicktime-ulaw.mov', args: [...h264, '-c:a', 'pcm_mulaw', '-ar', '8000'], codecs: ['h264', 'pcmu'] },
  {
    file: 'quicktime-alaw.mov',
    args: [...h264, '-c:a', 'pcm_alaw', '-ar', '8000', '-ac', '2'],
    codecs: ['h264', 'pcma'],
  },
  { file: 'opus.mp4', args: [...h264, '-c:a', 'libopus'], codecs: ['h264', 'opus'] },
  { file: 'flac.mp4', args: [...h264, '-c:a', 'flac', '-strict', '-2'], codecs: ['h264', 'flac'] },
  {
    file: 'hev1.mp4',
    args: [
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-x265-params',
      'log-level=error:pools=none:frame-threads=1:keyint=20',
      '-an',
    ],
    codecs: ['h265'],
  },
  { file: 'hybrid.mp4', args: [...bPictures, '-c:a', 'aac', '-movflags', 'frag_keyframe'], codecs: ['h264', 'aac'] },
  {
    file: 'cmaf.mp4',
    args: [...bPictures, '-c:a', 'aac', '-movflags', '+cmaf+frag_keyframe+empty_moov'],
    codecs: ['h264', 'aac'],
  },
  {
    file: 'offsets-from-file.mp4',
    args: [...h264, '-an', '-movflags', 'frag_every_frame+empty_moov+omit_tfhd_offset'],
    codecs: ['h264'],
  },
  { file: 'negative-offsets.mp4', args: [...bPictures, '-an', '-movflags', '+negative_cts_offsets'], codecs: ['h264'] },
];

describe('containers as ffmpeg writes them', needs('ffmpeg'), () => {
  for (const { file, args, codecs } of cases) {
    it(`${file} gives back every frame`, () => {
      using folder = openTempFolder();
      const path = join(folder.path, file);
      execFileSync('ffmpeg', ['-v', 'error', ...picture, ...(args.includes('-an') ? [] : tone), ...args, path]);
      const movie = openMovie(toSource(new Uint8Array(readFileSync(path))));
      assert.deepEqual(
        movie.tracks.map((track) => track.codec),
        codecs,
      );
      assert.deepEqual(movie.ignored, []);
      const copy = join(folder.path, 'copy.mp4');
      writeFileSync(copy, toFragmented(movie));
      assert.deepEqual(framemd5(copy, 'v:0'), framemd5(path, 'v:0'));
      if (codecs[1] === 'aac' || codecs[1] === 'opus' || codecs[1] === 'flac') {
        assert.deepEqual(framemd5(copy, 'a:0'), framemd5(path, 'a:0'));
      }
      const loop = openLoop(movie);
      const times = Array.from({ length: 400 }, () => loop.next()).filter(({ frame }) => frame.kind === 'video');
      assert.deepEqual(
        [...new Set(times.slice(1).map(({ dueMs }, index) => Math.round(dueMs - times[index]!.dueMs)))],
        [40],
      );
      const key = times.filter(({ frame }) => frame.kind === 'video' && frame.key);
      assert.ok(key.length >= times.length / 20 - 1);
    });
  }

  it('G.711 comes out value for value', () => {
    using folder = openTempFolder();
    const path = join(folder.path, 'sound.mov');
    execFileSync('ffmpeg', ['-v', 'error', ...tone, '-c:a', 'pcm_mulaw', '-ar', '8000', path]);
    const raw = execFileSync('ffmpeg', ['-v', 'error', '-i', path, '-c:a', 'copy', '-f', 'mulaw', '-']);
    const movie = openMovie(toSource(new Uint8Array(readFileSync(path))));
    const parts = Array.from({ length: movie.samples[0]!.sampleCount }, (_, index) => {
      const frame = movie.readSample(0, index);
      return frame.kind === 'audio' ? frame.data : new Uint8Array(0);
    });
    assert.deepEqual(Buffer.concat(parts), raw);
  });

  it('changed or cut anywhere they give a movie or a MediaError', () => {
    using folder = openTempFolder();
    for (const { file, args } of [cases[0]!, cases[7]!]) {
      const path = join(folder.path, file);
      execFileSync('ffmpeg', ['-v', 'error', ...picture, ...tone, ...args, path]);
      const bytes = new Uint8Array(readFileSync(path));
      const play = (input: Uint8Array): void => {
        try {
          const movie = openMovie(toSource(input));
          for (const [track, { sampleCount }] of movie.samples.entries()) {
            for (let index = 0; index < sampleCount; index++) movie.readSample(track, index);
          }
        } catch (error) {
          assert.ok(error instanceof MediaError, String(error));
        }
      };
      const edit = fc.record({
        cut: fc.oneof(fc.constant(bytes.length), fc.nat(bytes.length)),
        changes: fc.array(fc.tuple(fc.oneof(fc.nat(2000), fc.nat(bytes.length - 1)), fc.nat(255)), { maxLength: 10 }),
      });
      fc.assert(
        fc.property(edit, ({ cut, changes }) => {
          const mutated = bytes.slice(0, cut);
          for (const [at, value] of changes) if (at < cut) mutated[at] = value;
          play(mutated);
        }),
        { numRuns: 500 },
      );
    }
  });
});
