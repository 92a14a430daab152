import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { needs } from '@porchlight/base/testing';
import { decodeG711, type G711Codec } from '#g711';
import type { AudioFrame } from '#frame';
import { openG711ToFlac, writeFlacFrame, writeStreamInfo } from './index.ts';

const toFrame = (data: Uint8Array, ptsTicks: number, channels = 1): AudioFrame => ({
  kind: 'audio',
  track: 1,
  ptsTicks,
  durationTicks: data.length / channels,
  data,
});

/** The samples ffmpeg reads from FLAC frames behind a file head; fails on any CRC or format complaint. */
function decodeByFfmpeg(streamInfo: Uint8Array, frames: readonly Uint8Array[]): Int16Array {
  const file = Buffer.concat([Buffer.from('fLaC'), Buffer.of(0x80, 0, 0, 34), streamInfo, ...frames]);
  const arguments_ = ['-v', 'error', '-xerror', '-err_detect', 'explode+crccheck', '-f', 'flac', '-i', 'pipe:0'];
  const pcm = execFileSync('ffmpeg', [...arguments_, '-f', 's16le', 'pipe:1'], { input: file, maxBuffer: 1e8 });
  return new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
}

/** Speech-like G.711: a sweep with pauses, some noise, some bytes at the rails. */
function makeSound(bytes: number): Uint8Array {
  let seed = 7;
  return Uint8Array.from({ length: bytes }, (_, index) => {
    seed = (seed * 1103515245 + 12345) >>> 0;
    if (index % 4000 > 3000) return 0xff;
    if (index % 4000 > 2800) return seed >>> 24;
    return 0x80 | Math.floor(63 + 60 * Math.sin(index / (10 + index / 500)));
  });
}

test('a frame of 8 kHz sound lasts 64 ms and keeps the time of its first sample', () => {
  const converter = openG711ToFlac({ codec: 'pcmu', sampleRateHz: 8000, channels: 1 });
  const sound = makeSound(1600);
  const frames = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((index) =>
    converter.push(toFrame(sound.subarray(index * 160, index * 160 + 160), 5000 + index * 160)),
  );
  frames.push(...converter.flush());
  assert.deepEqual(
    frames.map((frame) => [frame.ptsTicks, frame.durationTicks, frame.track]),
    [
      [5000, 512, 1],
      [5512, 512, 1],
      [6024, 512, 1],
      [6536, 64, 1],
    ],
  );
  assert.equal(converter.track.config.length, 34);
});

test('a gap ends the frame and the next one begins at its own time', () => {
  const converter = openG711ToFlac({ codec: 'pcma', sampleRateHz: 8000, channels: 1 });
  const sound = makeSound(320);
  assert.deepEqual(converter.push(toFrame(sound, 0)), []);
  const [ended] = converter.push(toFrame(sound, 8000));
  assert.deepEqual([ended?.ptsTicks, ended?.durationTicks], [0, 320]);
  const [last] = converter.flush();
  assert.deepEqual([last?.ptsTicks, last?.durationTicks], [8000, 320]);
});

test('a few samples of timestamp jitter do not break the sound up', () => {
  const converter = openG711ToFlac({ codec: 'pcma', sampleRateHz: 8000, channels: 1 });
  converter.push(toFrame(makeSound(320), 0));
  const [frame] = converter.push(toFrame(makeSound(320), 323));
  assert.deepEqual([frame?.ptsTicks, frame?.durationTicks], [0, 512]);
});

test('silence costs a handful of bytes', () => {
  const frame = writeFlacFrame([new Int16Array(512)], { sampleRateHz: 8000, firstSample: 0 });
  assert.ok(frame.length <= 12, `${frame.length} bytes`);
});

describe('FLAC decoded by ffmpeg', needs('ffmpeg'), () => {
  for (const codec of ['pcmu', 'pcma'] satisfies G711Codec[]) {
    for (const channels of [1, 2]) {
      test(`${codec} in ${channels} channel(s) comes back sample for sample, smaller than 16-bit PCM`, () => {
        const sound = makeSound(24_000);
        const converter = openG711ToFlac({ codec, sampleRateHz: 8000, channels });
        const frames: AudioFrame[] = [];
        for (let at = 0; at < sound.length; at += 320 * channels) {
          frames.push(...converter.push(toFrame(sound.subarray(at, at + 320 * channels), at / channels, channels)));
        }
        frames.push(...converter.flush());
        const data = frames.map((frame) => frame.data);
        assert.deepEqual(decodeByFfmpeg(converter.track.config, data), decodeG711(codec, sound));
        const sizeBytes = data.reduce((sum, frame) => sum + frame.length, 0);
        assert.ok(sizeBytes < sound.length * 2 * 0.8, `${sizeBytes} bytes`);
      });
    }
  }

  test('any 16-bit samples, rails and noise included, survive', () => {
    const blocks = fc.sample(
      fc.oneof(
        fc.int16Array({ minLength: 16, maxLength: 700 }),
        fc
          .array(fc.constantFrom(-32768, 32767, 0), { minLength: 16, maxLength: 512 })
          .map((all) => Int16Array.from(all)),
        fc
          .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -9, max: 9 }))
          .map(([power, step]) =>
            Int16Array.from({ length: 512 }, (_, index) => Math.round((index / 8) ** power * step)),
          ),
      ),
      { numRuns: 120, seed: 42 },
    );
    let firstSample = 0;
    const frames = blocks.map((block) => {
      const frame = writeFlacFrame([block], { sampleRateHz: 8000, firstSample });
      firstSample += block.length;
      return frame;
    });
    const streamInfo = writeStreamInfo({ sampleRateHz: 8000, channels: 1, maxBlockSamples: 1024 });
    const expected = Int16Array.from(blocks.flatMap((block) => [...block]));
    assert.deepEqual(decodeByFfmpeg(streamInfo, frames), expected);
  });
});
