import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRecorder } from '#recorder';
import { House, midnight, openDrawnSource, openFeed, span, yard } from '#testing';
import { openCameraRecording, type CameraRecording, type StreamGate } from '#trigger';
import { recordingPlanSchema } from '@porchlight/contract/recording-plan';

type Played = { readonly recording: CameraRecording; readonly gate: StreamGate; play(ms: number): Promise<void> };

/** A camera of the house that is recorded by a plan. */
function planned(house: House, plan: unknown): Played {
  const { clock, volume, log, archive } = house;
  const emit = archive.note.bind(archive);
  const recording = openCameraRecording({ camera: yard, plan: recordingPlanSchema.parse(plan), clock, emit });
  const gate = recording.openGate('main', openRecorder({ camera: yard, stream: 'main', volume, clock, log, emit }));
  const feed = openFeed({ source: openDrawnSource(), reader: gate, clock });
  feed.run = { id: `run-${clock.nowMs()}`, startWallMs: clock.nowMs() };
  gate.onTracks(feed.tracks, feed.run);
  return { recording, gate, play: (ms) => feed.play(ms) };
}

const all = { fromMs: midnight, toMs: midnight + 3_600_000 };

test('an event of a waiting camera is listed with its footage, and the rest of the hour says no-event', async () => {
  using house = new House();
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: house.clock.nowMs() });
  const camera = planned(house, { main: { mode: 'events' } });
  await camera.play(40_000);
  const { event } = camera.recording.trigger({ kind: 'motion', label: 'Gate' });
  await camera.play(5_000);
  const [going] = archive.listEvents(yard, all);
  assert.deepEqual([going!.id, going!.open, going!.hasFootage, going!.label], [event.id, true, true, 'Gate']);
  await camera.play(60_000);
  const [over] = archive.listEvents(yard, all);
  assert.deepEqual([over!.open, over!.hasFootage, over!.kind], [false, true, 'motion']);
  const { spans, gaps } = span(archive);
  assert.equal(spans.length, 1);
  assert.ok(spans[0]!.fromMs <= event.fromMs && spans[0]!.toMs >= event.toMs);
  assert.deepEqual(
    gaps.filter(({ reason }) => reason !== 'not-yet-added').map(({ reason }) => reason),
    ['no-event', 'no-event'],
  );
  camera.recording.close();
  await camera.gate.close();
  await archive.close();
});

test('a trigger on a continuous camera makes the minutes it touches class event, and no others', async () => {
  using house = new House();
  const archive = await house.start();
  const camera = planned(house, {});
  await camera.play(95_000); // from half past midnight's first minute
  camera.recording.trigger({ kind: 'motion' });
  await camera.play(120_000);
  camera.recording.close();
  const closed = camera.gate.close();
  await house.clock.advance(30_000);
  await closed;
  await archive.close();
  const again = await house.start();
  const { DatabaseSync } = await import('node:sqlite');
  const index = new DatabaseSync(`${house.folder.path}/index.sqlite`, { readOnly: true });
  const classes = index.prepare('select class from segment order by start_ms').all();
  index.close();
  assert.deepEqual(
    classes.map((row) => row['class']),
    ['continuous', 'event', 'event', 'continuous', 'continuous'],
  );
  assert.equal(again.listEvents(yard, all).length, 1);
  await again.close();
});

test('a camera that waited and never recorded says agent-down, not no-event, for the time the agent was away', async () => {
  using house = new House();
  const archive = await house.start();
  archive.setCamera(yard, { addedMs: house.clock.nowMs() });
  const before = planned(house, { main: { mode: 'events' } });
  await before.play(60_000);
  before.recording.close();
  await before.gate.close();
  await archive.close();
  await house.clock.advance(600_000);
  const again = await house.start();
  const after = planned(house, { main: { mode: 'events' } });
  await after.play(60_000);
  const { gaps } = span(again);
  assert.deepEqual(
    gaps.filter(({ reason }) => reason !== 'not-yet-added').map(({ reason }) => reason),
    ['no-event', 'agent-down', 'no-event'],
  );
  const down = gaps.find(({ reason }) => reason === 'agent-down')!;
  assert.ok(down.toMs - down.fromMs >= 600_000 - 20_000, `${down.toMs - down.fromMs}`);
  after.recording.close();
  await after.gate.close();
  await again.close();
});
