import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { needs } from '@porchlight/base/testing';
import type { AudioFrame, Damage, TrackDescription } from '#frame';
import { decodeG711, openG711Depacketizer } from './index.ts';

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);

describe('G.711 beside ffmpeg', needs('ffmpeg'), () => {
  for (const [codec, format] of [
    ['pcmu', 'mulaw'],
    ['pcma', 'alaw'],
  ] as const) {
    test(`all 256 bytes of ${codec} decode to ffmpeg's samples`, () => {
      const source = ['-v', 'error', '-f', format, '-ar', '8000', '-ac', '1', '-i', 'pipe:0'];
      const pcm = execFileSync('ffmpeg', [...source, '-f', 's16le', 'pipe:1'], { input: everyByte });
      const expected = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
      assert.deepEqual(decodeG711(codec, everyByte), expected);
    });
  }
});

test('a payload is one frame and a view; an empty one is damage', () => {
  const frames: AudioFrame[] = [];
  const damages: Damage[] = [];
  const tracks: TrackDescription[] = [];
  const depacketizer = openG711Depacketizer({
    track: 2,
    clockRateHz: 8000,
    codec: 'pcma',
    channels: 2,
    sink: {
      onTrack: (_, description) => tracks.push(description),
      onFrame: (frame) => frames.push(frame as AudioFrame),
      onDamage: (damage) => damages.push(damage),
    },
  });
  const payload = new Uint8Array(321);
  depacketizer.push(payload, 77, false);
  depacketizer.push(new Uint8Array(0), 237, false);
  depacketizer.lost(3);
  assert.equal(tracks.length, 1);
  assert.deepEqual(
    frames.map(({ ptsTicks, durationTicks, data }) => [ptsTicks, durationTicks, data.length, data.buffer]),
    [[77, 160, 320, payload.buffer]],
  );
  assert.deepEqual(
    damages.map(({ reason, count }) => [reason, count]),
    [
      ['malformed', 1],
      ['packets-lost', 3],
    ],
  );
});
