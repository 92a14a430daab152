import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AudioTrack, CodedFrame, TrackDescription, VideoTrack } from '#frame';
import { openLoop, type Movie, type SampleTable } from './index.ts';

const video = { kind: 'video', codec: 'h264', clockRateHz: 90_000 } as VideoTrack;
const audio = { kind: 'audio', codec: 'pcmu', clockRateHz: 8000, sampleRateHz: 8000, channels: 1 } as AudioTrack;

function table(dtsTicks: number[], durationTicks: number[], compositionTicks = dtsTicks.map(() => 0)): SampleTable {
  return {
    sampleCount: dtsTicks.length,
    offsetBytes: Float64Array.from(dtsTicks),
    sizeBytes: Uint32Array.from(dtsTicks, () => 1),
    dtsTicks: Float64Array.from(dtsTicks),
    durationTicks: Uint32Array.from(durationTicks),
    compositionTicks: Int32Array.from(compositionTicks),
    sync: Uint8Array.from(dtsTicks, () => 1),
  };
}

function steady(count: number, durationTicks: number, startTicks = 0, lastTicks = durationTicks): SampleTable {
  const dts = Array.from({ length: count }, (_, index) => startTicks + index * durationTicks);
  return table(
    dts,
    dts.map((_, index) => (index === count - 1 ? lastTicks : durationTicks)),
  );
}

function movie(tracks: TrackDescription[], samples: SampleTable[]): Movie {
  return {
    tracks,
    samples,
    ignored: [],
    readSample: (track, index) =>
      ({
        kind: tracks[track]!.kind,
        track,
        ptsTicks: samples[track]!.dtsTicks[index]! + samples[track]!.compositionTicks[index]!,
        durationTicks: samples[track]!.durationTicks[index]!,
      }) as CodedFrame,
  };
}

function take(source: Movie, count: number) {
  const loop = openLoop(source);
  return Array.from({ length: count }, () => loop.next());
}

function differences(values: readonly number[]): Set<number> {
  return new Set(values.slice(1).map((value, index) => value - values[index]!));
}

describe('a loop', () => {
  it('keeps pictures evenly spaced over the seam, whatever the file says of the last one', () => {
    for (const lastTicks of [6000, 0, 1, 90_000]) {
      const frames = take(movie([video], [steady(10, 6000, 0, lastTicks)]), 35);
      assert.deepEqual(differences(frames.map(({ frame }) => frame.ptsTicks)), new Set([6000]));
      assert.deepEqual(differences(frames.map(({ dtsTicks }) => dtsTicks)), new Set([6000]));
      assert.equal(frames[0]!.frame.ptsTicks, 0);
      assert.ok(Math.abs(frames[30]!.dueMs - 2000) < 1e-9);
    }
  });

  it('cuts sound that is a little longer than the picture and starts both together each round', () => {
    const frames = take(movie([video, audio], [steady(30, 6000), steady(102, 160)]), 4000);
    const sound = frames.flatMap(({ frame }) => (frame.kind === 'audio' ? [frame.ptsTicks] : []));
    assert.deepEqual(differences(sound), new Set([160]), 'two seconds are exactly 100 pieces of sound');
    const dues = frames.map(({ dueMs }) => dueMs);
    assert.deepEqual(
      dues,
      dues.toSorted((a, b) => a - b),
    );
  });

  it('keeps the last picture when sound starts before the picture', () => {
    const frames = take(movie([video, audio], [steady(50, 3600), steady(103, 160, -300)]), 600);
    const pictures = frames.filter(({ frame }) => frame.kind === 'video');
    assert.deepEqual(differences(pictures.map(({ frame }) => frame.ptsTicks)), new Set([3600]));
  });

  it('leaves a pause where sound ends early', () => {
    const frames = take(movie([video, audio], [steady(30, 6000), steady(90, 160)]), 500);
    const sound = frames.flatMap(({ frame }) => (frame.kind === 'audio' ? [frame.ptsTicks] : []));
    assert.deepEqual(differences(sound), new Set([160, 160 * 11]));
  });

  it('never drifts, even where the round is no whole number of ticks of the other track', () => {
    const oddVideo = { ...video, clockRateHz: 30_000 };
    const rounds = 2000;
    const frames = take(movie([oddVideo, audio], [steady(5, 1001), steady(8, 160)]), rounds * 13 + 13);
    const firstSound = frames.filter(({ frame }) => frame.kind === 'audio').at(rounds * 8)!;
    assert.equal(firstSound.frame.ptsTicks, Math.round((rounds * 5 * 1001 * 8000) / 30_000));
    assert.ok(frames.every(({ frame }) => Number.isInteger(frame.ptsTicks)));
    const sound = frames.flatMap(({ frame }) => (frame.kind === 'audio' ? [frame.ptsTicks] : []));
    assert.ok(Math.min(...differences(sound)) > 0);
  });

  it('is as long as a track that goes on well after the picture, by whole pictures', () => {
    const loop = openLoop(movie([video, audio], [steady(30, 6000), steady(201, 160)]));
    assert.equal(loop.durationMs, (61 * 6000) / 90);
  });

  it('keeps presentation times of B pictures and starts at no time below 0', () => {
    const samples = table([-6000, -3000, 0, 3000], [3000, 3000, 3000, 3000], [6000, 12_000, 3000, 0]);
    const frames = take(movie([video], [samples]), 8);
    assert.deepEqual(
      frames.map(({ frame }) => frame.ptsTicks),
      [6000, 15_000, 9000, 9000, 18_000, 27_000, 21_000, 21_000],
    );
    assert.deepEqual(
      frames.map(({ dtsTicks }) => dtsTicks),
      [0, 3000, 6000, 9000, 12_000, 15_000, 18_000, 21_000],
    );
  });

  it('refuses a movie without tracks', () => {
    assert.throws(() => openLoop(movie([], [])), TypeError);
  });
});
