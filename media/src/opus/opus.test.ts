import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MediaError, type AudioFrame, type Damage, type TrackDescription } from '#frame';
import { openOpusDepacketizer, toOpusDuration } from './index.ts';

test('the TOC byte gives the duration of table 2 of RFC 6716', () => {
  const durations = (configuration: number): number => toOpusDuration(Uint8Array.of(configuration << 3));
  assert.deepEqual([0, 1, 2, 3].map(durations), [480, 960, 1920, 2880]);
  assert.deepEqual([8, 9, 10, 11].map(durations), [480, 960, 1920, 2880]);
  assert.deepEqual([12, 13, 14, 15].map(durations), [480, 960, 480, 960]);
  assert.deepEqual([16, 17, 18, 19, 28, 31].map(durations), [120, 240, 480, 960, 120, 960]);
});

test('packets of several frames last as long as all of them, at most 120 ms', () => {
  const celt20 = 31 << 3;
  assert.equal(toOpusDuration(Uint8Array.of(celt20 | 1)), 1920);
  assert.equal(toOpusDuration(Uint8Array.of(celt20 | 2)), 1920);
  assert.equal(toOpusDuration(Uint8Array.of(celt20 | 3, 0xc0 | 6)), 5760);
  for (const bytes of [[], [celt20 | 3], [celt20 | 3, 0], [celt20 | 3, 7]]) {
    assert.throws(() => toOpusDuration(Uint8Array.from(bytes)), MediaError);
  }
});

test('a payload is one frame and a view', () => {
  const frames: AudioFrame[] = [];
  const damages: Damage[] = [];
  const tracks: TrackDescription[] = [];
  const depacketizer = openOpusDepacketizer({
    track: 3,
    clockRateHz: 48_000,
    channels: 2,
    sink: {
      onTrack: (_, track) => tracks.push(track),
      onFrame: (frame) => frames.push(frame as AudioFrame),
      onDamage: (damage) => damages.push(damage),
    },
  });
  const payload = Uint8Array.of(31 << 3, 1, 2, 3);
  depacketizer.push(payload, 960, true);
  depacketizer.push(new Uint8Array(0), 1920, true);
  assert.deepEqual(frames, [{ kind: 'audio', track: 3, ptsTicks: 960, durationTicks: 960, data: payload }]);
  assert.equal(frames[0]!.data, payload);
  assert.deepEqual([tracks.length, damages.length], [1, 1]);
});
