import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openRecorder } from '#recorder';
import { openFeed, openMovieSource } from '#testing';
import type { StreamReader } from '#stream';
import { openCameraRecording, type StreamGate } from '#trigger';
import { openDiskVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { StreamName } from '@porchlight/contract/camera';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { recordingPlanSchema, type RecordingPlan } from '@porchlight/contract/recording-plan';

/** Film time runs faster than any disk: what waits for the disk is no fault here. */
const maxPendingBytes = Infinity;
const camera = cameraIdSchema.parse('yard');
const startMs = Date.UTC(2026, 0, 1, 0, 0, 5);

const hashes = (...args: string[]): string[] =>
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', ...args, '-f', 'framemd5', '-'], {
    encoding: 'utf8',
    maxBuffer: 1 << 27,
  })
    .split('\n')
    .flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(',').at(-1)!.trim()]));
/** Hashes of every coded picture, and of every coded frame of sound. */
const pictures = (file: string): string[] => hashes('-i', file, '-map', '0:v:0', '-c', 'copy');
const sounds = (file: string): string[] => hashes('-i', file, '-map', '0:a:0', '-c', 'copy');

/** Where a stretch lies in an endless loop; -1 when it does not. */
const findIn = (loop: readonly string[], stretch: readonly string[]): number =>
  loop.findIndex((_, at) => stretch.every((hash, index) => hash === loop[(at + index) % loop.length]));

type Kept = { readonly event: readonly string[]; readonly always: readonly string[] };

/** Keeps one event of a clip on a loop, and all of it beside; the files that came of both. */
async function recordEvent(clip: string, folder: string): Promise<Kept> {
  const [clock, log] = [openFakeClock(startMs), openFakeLog()];
  const events: RecordingPlan['main'] = { mode: 'events', periods: [] };
  const plan = recordingPlanSchema.parse({ sub: events, preRollMs: 10_000, postRollMs: 20_000 });
  const recording = openCameraRecording({ camera, plan, clock, emit: () => undefined });
  const volume = openDiskVolume(folder);
  const openGate = (stream: StreamName): StreamGate =>
    recording.openGate(
      stream,
      openRecorder({ camera, stream, volume, clock, log, maxPendingBytes, emit: () => undefined }),
    );
  const [all, gate] = [openGate('main'), openGate('sub')];
  const reader: StreamReader = {
    onTracks: (tracks, run) => [all, gate].forEach((each) => each.onTracks(tracks, run)),
    onFrame: (timed) => [all, gate].forEach((each) => each.onFrame(timed)),
    onEnd: () => undefined,
  };
  const feed = openFeed({ source: openMovieSource(footagePath('video', clip)), reader, clock });
  reader.onTracks(feed.tracks, feed.run);
  await feed.play(33_333);
  assert.ok(gate.ringBytes > 0 && all.ringBytes === 0);
  recording.trigger({ kind: 'motion' });
  assert.equal(gate.ringBytes, 0);
  await feed.play(60_000);
  recording.close();
  await Promise.all([all.close(), gate.close()]);
  assert.deepEqual(log.lines, []);
  const list = (stream: StreamName): string[] => {
    const day = join(folder, camera, stream, '2026-01-01');
    return readdirSync(day)
      .sort()
      .map((name) => join(day, name));
  };
  return { event: list('sub'), always: list('main') };
}

const clips = [
  { clip: 'carpark-four-cars-exposure-drift.mp4', what: 'H.264 without B-frames, with AAC', audio: true, fps: 12.5 },
  { clip: 'outdoor-person-and-dog.mp4', what: 'H.264 with B-frames, with AAC', audio: true, fps: 29.97 },
  { clip: 'warehouse-worker-h265.mp4', what: 'H.265', audio: false, fps: 15 },
];

describe('an event of real footage', needs('ffmpeg', 'footage'), () => {
  for (const { clip, what, audio, fps } of clips) {
    test(`is what the camera sent, bit for bit, from the ring on: ${what}`, async () => {
      using folder = openTempFolder();
      const { event, always } = await recordEvent(clip, folder.path);
      const got = event.flatMap(pictures);
      assert.ok(got.length >= 30 * fps - 2, `${got.length} pictures`);
      const source = pictures(footagePath('video', clip));
      assert.ok(findIn(source, got) >= 0, 'coded pictures in order, none missing, none twice');
      const decoded = hashes('-i', event[0]!, '-map', '0:v:0', '-fps_mode', 'passthrough');
      assert.ok(decoded.length >= pictures(event[0]!).length - 1, 'the first file decodes from its first picture on');
      if (!audio) return;
      const heard = sounds(event[0]!);
      assert.ok(heard.length > 20);
      assert.ok(findIn(always.flatMap(sounds), heard) >= 0, 'sound as in a recording that never paused');
    });
  }
});
