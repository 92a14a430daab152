import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ArchiveEvent, EventNoted } from '#archive';
import { openRecorder } from '#recorder';
import { openDrawnSource, openFeed, toFrameNumber, type DrawnSourceOptions, type Feed } from '#testing';
import { openFakeVolume, type FakeVolume } from '#volume';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { recordingPlanSchema, type RecordingPlan } from '@porchlight/contract/recording-plan';
import { scanFragments, splitFragment } from '@porchlight/media/fmp4';
import { openCameraRecording, type CameraRecording, type StreamGate } from './index.ts';

const camera = cameraIdSchema.parse('yard');
const startMs = Date.UTC(2026, 0, 1, 0, 0, 5);
/** Pictures a second, and from key frame to key frame. */
const fps = 10;
const gopLength = 20;

type Bench = {
  readonly clock: FakeClock;
  readonly volume: FakeVolume;
  readonly events: ArchiveEvent[];
  readonly recording: CameraRecording;
  readonly gate: StreamGate;
  readonly feed: Feed;
};

function openBench(plan: unknown, source: DrawnSourceOptions = {}): Bench {
  const [clock, volume, log] = [openFakeClock(startMs), openFakeVolume(), openFakeLog()];
  const events: ArchiveEvent[] = [];
  const emit = (event: ArchiveEvent): void => void events.push(structuredClone(event));
  const recording = openCameraRecording({ camera, plan: recordingPlanSchema.parse(plan), clock, emit });
  const gate = recording.openGate('main', openRecorder({ camera, stream: 'main', volume, clock, log, emit }));
  const feed = openFeed({ source: openDrawnSource({ fps, gopLength, ...source }), reader: gate, clock });
  gate.onTracks(feed.tracks, feed.run);
  return { clock, volume, events, recording, gate, feed };
}

const close = async ({ recording, gate, clock }: Bench): Promise<void> => {
  recording.close();
  const closed = gate.close();
  await clock.advance(30_000);
  await closed;
};

/** Numbers of the pictures in each file. */
const clips = ({ volume }: Bench): number[][] =>
  [...volume.files].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, bytes]) => picturesOf(bytes));

function picturesOf(bytes: Uint8Array): number[] {
  const readAt = (offset: number, length: number): Uint8Array => bytes.subarray(offset, offset + length);
  const { fragments } = scanFragments({ sizeBytes: bytes.length, readAt });
  return fragments
    .flatMap(({ offsetBytes, sizeBytes }) => splitFragment(readAt(offsetBytes, sizeBytes)))
    .filter(({ trackId }) => trackId === 1)
    .map(({ data }) => toFrameNumber(data, 'video'));
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, index) => from + index);
const gaps = ({ events }: Bench): string[] =>
  events.flatMap((event) => (event.kind === 'gap' ? [`${event.reason} ${(event.fromMs - startMs) / 1000}`] : []));
const noted = ({ events }: Bench): EventNoted[] => events.filter((event) => event.kind === 'event');
const newest = (bench: Bench): string => {
  const { fromMs, toMs, triggers } = noted(bench).at(-1)!;
  return `${(fromMs - startMs) / 1000}–${(toMs - startMs) / 1000} ×${triggers}`;
};
const eventsOnly = { main: { mode: 'events' } };

test('in event mode nothing is written until something happens, and the ledger says that it waits', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(120_050);
  assert.equal(bench.volume.files.size, 0);
  assert.deepEqual(gaps(bench), ['no-event 0']);
  await close(bench);
});

test('an event begins on the last key frame at least the pre-roll before it and ends on the first after the post-roll', async () => {
  for (const offsetMs of [0, 350, 950, 1450, 1950]) {
    const bench = openBench(eventsOnly);
    await bench.feed.play(31_050 + offsetMs);
    const { event, merged, recording } = bench.recording.trigger({ kind: 'motion', label: 'Gate' });
    assert.deepEqual([merged, recording, event.open], [false, true, true]);
    await bench.feed.play(40_000);
    await close(bench);
    const atPicture = (31_050 + offsetMs) / 100;
    const first = Math.floor((atPicture - 100) / gopLength) * gopLength;
    const end = Math.ceil((atPicture + 200) / gopLength) * gopLength;
    assert.deepEqual(clips(bench).flat(), range(first, end));
    assert.ok(atPicture - first >= 100 && atPicture - first <= 100 + gopLength);
    assert.deepEqual(gaps(bench), ['no-event 0', `no-event ${end / 10}`]);
    assert.deepEqual([event.fromMs, event.toMs], [event.atMs - 10_000, event.atMs + 20_000]);
  }
});

test('triggers that overlap are one clip, whose end moves with the last of them', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  const first = bench.recording.trigger({ kind: 'motion' });
  await bench.feed.play(15_000);
  const second = bench.recording.trigger({ kind: 'person' });
  assert.ok(second.merged);
  assert.equal(second.event.id, first.event.id);
  assert.equal(second.event.kind, 'motion');
  await bench.feed.play(40_000);
  await close(bench);
  assert.equal(newest(bench), '21.05–66.05 ×2');
  assert.deepEqual(clips(bench).flat(), range(200, 680));
});

test('a trigger whose pre-roll reaches into the event before goes on with it, and no picture is missing or written twice', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  bench.recording.trigger({ kind: 'motion' });
  await bench.feed.play(27_000); // 7 s after its end
  assert.ok(bench.recording.trigger({ kind: 'motion' }).merged);
  await bench.feed.play(40_000);
  await close(bench);
  assert.deepEqual(clips(bench).flat(), range(200, 800));
  assert.equal(newest(bench), '21.05–78.05 ×2');
});

test('triggers far apart are two clips', async () => {
  const bench = openBench(eventsOnly);
  for (const waitMs of [31_050, 60_000]) {
    await bench.feed.play(waitMs);
    assert.ok(!bench.recording.trigger({ kind: 'motion' }).merged);
  }
  await bench.feed.play(40_000);
  await close(bench);
  assert.deepEqual(clips(bench).flat(), [...range(200, 520), ...range(800, 1120)]);
  assert.equal(new Set(noted(bench).map(({ id }) => id)).size, 2);
});

test('an event is never longer than allowed: what goes on is the next event, without a hole between them', async () => {
  const bench = openBench({ ...eventsOnly, longestEventMs: 45_000 });
  await bench.feed.play(31_050);
  for (let count = 0; count < 8; count++) {
    bench.recording.trigger({ kind: 'motion' });
    await bench.feed.play(10_000);
  }
  await bench.feed.play(40_000);
  await close(bench);
  const last = new Map(noted(bench).map((event) => [event.id, event]));
  const spans = [...last.values()].map(({ fromMs, toMs }) => [fromMs - startMs, toMs - startMs]);
  for (const [fromMs, toMs] of spans) assert.ok(toMs! - fromMs! <= 45_000, `${fromMs}–${toMs}`);
  assert.ok(spans.length >= 2);
  for (let index = 1; index < spans.length; index++) assert.equal(spans[index]![0], spans[index - 1]![1]);
  const pictures = clips(bench).flat();
  assert.deepEqual(pictures, range(200, pictures.at(-1)! + 1));
});

test('a lasting trigger goes on until it is ended, then the post-roll follows', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  const { event } = bench.recording.trigger({ kind: 'manual', lasting: true });
  await bench.feed.play(60_000);
  assert.equal(newest(bench), '21.05–111.05 ×1'); // told as it grows
  bench.recording.end(event.id);
  await bench.feed.play(60_000);
  assert.throws(() => bench.recording.end(event.id), { kind: 'not-found' });
  await close(bench);
  assert.equal(newest(bench), '21.05–111.05 ×1');
  assert.deepEqual(clips(bench).flat(), range(200, 1120));
});

test('a lasting trigger is open all the time, however short the post-roll is', async () => {
  const bench = openBench({ ...eventsOnly, postRollMs: 1000 });
  await bench.feed.play(31_050);
  const { event } = bench.recording.trigger({ kind: 'manual', lasting: true });
  for (let second = 0; second < 30; second++) {
    await bench.feed.play(1000);
    assert.ok(noted(bench).at(-1)!.toMs > bench.clock.nowMs());
  }
  bench.recording.end(event.id);
  assert.equal(newest(bench), '21.05–62.05 ×1');
  await close(bench);
});

test('a lasting trigger that nobody ends is over when the longest event is', async () => {
  const bench = openBench({ ...eventsOnly, longestEventMs: 60_000 });
  await bench.feed.play(31_050);
  bench.recording.trigger({ kind: 'manual', lasting: true });
  await bench.feed.play(200_000);
  await close(bench);
  assert.equal(newest(bench), '21.05–81.05 ×1');
  assert.deepEqual(clips(bench).flat(), range(200, 820));
});

test('a trigger that is told late begins before its own time, as far back as there is footage', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  bench.recording.trigger({ kind: 'motion', atMs: bench.clock.nowMs() - 1000 });
  assert.throws(() => bench.recording.trigger({ kind: 'motion', atMs: bench.clock.nowMs() - 61_000 }), {
    kind: 'invalid',
  });
  assert.throws(() => bench.recording.trigger({ kind: 'motion', atMs: bench.clock.nowMs() + 6_000 }), {
    kind: 'invalid',
  });
  await bench.feed.play(40_000);
  await close(bench);
  assert.deepEqual(clips(bench).flat(), range(200, 520));
});

test('a continuous camera goes on as it was: a trigger is noted and no picture is written twice', async () => {
  const bench = openBench({});
  await bench.feed.play(31_050);
  assert.equal(bench.gate.ringBytes, 0);
  bench.recording.trigger({ kind: 'motion' });
  await bench.feed.play(60_000);
  await close(bench);
  assert.deepEqual(clips(bench).flat(), range(0, 911));
  assert.equal(newest(bench), '21.05–51.05 ×1');
  assert.deepEqual(gaps(bench), []);
});

test('a trigger while the camera is away is told and noted, and recorded from when the camera is back', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  bench.gate.onEnd({ reason: 'camera-offline', wallMs: bench.clock.nowMs() });
  assert.equal(bench.gate.ringBytes, 0);
  const told = bench.recording.trigger({ kind: 'motion' });
  assert.deepEqual([told.recording, told.reason], [false, 'camera-offline']);
  await bench.clock.advance(5_000);
  bench.gate.onTracks(bench.feed.tracks, { id: 'run-2', startWallMs: bench.clock.nowMs() });
  await bench.feed.play(60_000);
  await close(bench);
  const pictures = clips(bench).flat();
  assert.ok(pictures.length > 100 && pictures[0]! % gopLength === 0);
  assert.deepEqual(gaps(bench).slice(0, 2), ['no-event 0', 'camera-offline 31.05']);
});

test('off records nothing, events neither, and the ledger says paused-by whatever the camera does', async () => {
  const bench = openBench({ main: { mode: 'off' }, sub: { mode: 'off' } });
  await bench.feed.play(30_000);
  bench.gate.onEnd({ reason: 'network', wallMs: bench.clock.nowMs() });
  assert.throws(() => bench.recording.trigger({ kind: 'motion' }), { kind: 'conflict' });
  await close(bench);
  assert.equal(bench.volume.files.size, 0);
  assert.deepEqual(gaps(bench), ['paused-by 0']);
});

const at = (minute: number, length: number, mode: string): unknown => ({
  main: { mode: 'continuous', periods: [{ day: 'thu', fromMinute: minute, toMinute: minute + length, mode }] },
  timeZone: 'UTC',
});

test('by the schedule: continuous, then events, then continuous again, each beginning on a key frame without a hole', async () => {
  const bench = openBench(at(1, 2, 'events'));
  await bench.feed.play(300_000);
  await close(bench);
  const pictures = clips(bench).flat();
  // 00:01:00 is 55 s after the start, 00:03:00 175 s; the ring has the group that is under way then.
  assert.deepEqual(pictures, [...range(0, 560), ...range(1740, pictures.at(-1)! + 1)]);
  assert.deepEqual(gaps(bench), ['no-event 56']);
});

test('by the schedule: off ends footage and a running event at once', async () => {
  const plan = at(1, 2, 'off') as { main: { mode: string } };
  const bench = openBench({ ...plan, main: { ...plan.main, mode: 'events' }, sub: { mode: 'off' } });
  await bench.feed.play(50_050);
  bench.recording.trigger({ kind: 'motion' });
  await bench.feed.play(60_000);
  await close(bench);
  const pictures = clips(bench).flat();
  assert.deepEqual(pictures, range(400, pictures.at(-1)! + 1));
  assert.ok(pictures.at(-1)! <= 550);
  assert.equal(newest(bench), '40.05–55 ×1');
  assert.deepEqual(gaps(bench), ['no-event 0', 'paused-by 55']);
});

test('a plan that changes while an event goes on does not cut it, and a wall clock that is put forward is noticed', async () => {
  const bench = openBench(eventsOnly);
  await bench.feed.play(31_050);
  bench.recording.trigger({ kind: 'motion' });
  await bench.feed.play(5_000);
  bench.recording.setPlan(recordingPlanSchema.parse({}));
  await bench.feed.play(10_000);
  bench.recording.setPlan(recordingPlanSchema.parse(at(30, 10, 'off')) satisfies RecordingPlan);
  await bench.feed.play(10_000);
  assert.deepEqual(bench.recording.modes, { main: 'continuous', sub: 'continuous' });
  bench.clock.stepWall(Date.UTC(2026, 0, 1, 0, 31) - bench.clock.nowMs());
  await bench.feed.play(61_000);
  assert.deepEqual(bench.recording.modes, { main: 'off', sub: 'continuous' });
  await close(bench);
  const pictures = clips(bench).flat();
  assert.deepEqual(pictures, range(200, pictures.at(-1)! + 1));
});

test('the ring holds what is needed and no more, whatever the group of pictures, and none is left in another mode', async () => {
  const bench = openBench(eventsOnly, { pictureBytes: 2000 });
  await bench.feed.play(300_000);
  const { ringBytes } = bench.gate;
  assert.ok(ringBytes >= 100 * 2000 && ringBytes <= (100 + 2 * gopLength) * 2000, String(ringBytes));
  bench.recording.setPlan(recordingPlanSchema.parse({}));
  assert.equal(bench.gate.ringBytes, 0);
  await close(bench);
});
