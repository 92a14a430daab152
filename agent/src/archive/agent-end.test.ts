import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRecorder, type Recorder } from '#recorder';
import { openStream, RecordedTimes, type Stream } from '#stream';
import { drawnVideoTrack, House, midnight, span, yard } from '#testing';

type Life = { readonly stream: Stream; readonly recorder: Recorder; play(ms: number): Promise<void> };

/** One life of the agent: what the archive knows is told to the stream, as a shard does. */
function live({ archive, clock, volume, log }: House): Life {
  const recorded = new RecordedTimes();
  recorded.addAll(archive.listRecorded(yard));
  const stats = { transport: 'tcp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 } as const;
  const stream = openStream({ name: 'main', clock, log, recorded, sourceStats: () => stats });
  const emit = archive.note.bind(archive);
  const recorder = openRecorder({ camera: yard, stream: 'main', volume, clock, log, emit });
  stream.subscribe(recorder, { fromKeyFrame: 'next', holds: true });
  stream.onTracks([drawnVideoTrack]);
  let pictures = 0;
  const picture = (): void => {
    const key = pictures % 10 === 0;
    const data = new Uint8Array(24).fill(key ? 0x65 : 0x41);
    const nalUnits = [{ type: key ? 5 : 1, parts: [data], sizeBytes: data.length }];
    const shared = { reference: true, nalUnits, sizeBytes: data.length + 4, packetsLost: 0 };
    const frame = { kind: 'video', track: 0, ptsTicks: pictures++ * 9000, key, ...shared } as const;
    stream.onFrame(frame, clock.monotonicMs());
  };
  return {
    stream,
    recorder,
    async play(ms) {
      for (const untilMs = clock.monotonicMs() + ms; clock.monotonicMs() < untilMs; await clock.advance(100)) picture();
    },
  };
}

async function end(house: House, { stream, recorder }: Life): Promise<void> {
  stream.close();
  const closed = recorder.close();
  await house.clock.advance(30_000);
  await closed;
  await house.archive.close();
}

test('after a clock set back by ten minutes over a restart segments do not overlap, and the log says why they are ahead', async () => {
  using house = new House({ atMs: midnight + 3_600_000 });
  await house.start();
  house.archive.setCamera(yard, { addedMs: midnight + 3_600_000 });
  const first = live(house);
  await first.play(720_000);
  await end(house, first);
  house.clock.stepWall(-600_000);
  await house.start();
  const second = live(house);
  await second.play(180_000);
  await end(house, second);
  await house.start();
  const segments = house.archive.listSegments(yard, 'main', { fromMs: midnight, toMs: midnight + 86_400_000 });
  assert.ok(segments.length >= 15, `${segments.length} segments`);
  for (const [index, { startMs }] of segments.slice(1).entries())
    assert.ok(startMs >= segments[index]!.endMs - 1, `${startMs} overlaps ${segments[index]!.endMs}`);
  assert.equal(new Set(segments.map(({ path }) => path)).size, segments.length);
  const { spans, gaps } = span(house.archive);
  assert.equal(spans.length, 2);
  assert.ok(Math.abs(spans[1]!.fromMs - spans[0]!.toMs) <= 1);
  const between = gaps.filter(({ fromMs, toMs }) => fromMs >= spans[0]!.fromMs && toMs <= spans[1]!.toMs);
  assert.deepEqual(between, []);
  const told = house.log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  assert.match(told.join('\n'), /clock was set back while the agent was away/);
  assert.ok(house.log.lines.some(({ message }) => /Footage has these times already/.test(message)));
  await house.archive.close();
});

test('a camera that comes back later than the times that were given away is recorded at the time of the house', async () => {
  using house = new House({ atMs: midnight + 3_600_000 });
  await house.start();
  const first = live(house);
  await first.play(60_000);
  await end(house, first);
  house.clock.stepWall(-600_000);
  await house.start();
  await house.clock.advance(900_000);
  const backMs = house.clock.nowMs();
  const second = live(house);
  await second.play(30_000);
  await end(house, second);
  await house.start();
  const { spans, gaps } = span(house.archive);
  assert.deepEqual([spans.length, spans[1]!.fromMs], [2, backMs]);
  const hole = gaps.filter(({ fromMs, toMs }) => fromMs >= spans[0]!.toMs - 1 && toMs <= backMs);
  assert.deepEqual(
    hole.map(({ reason }) => reason),
    ['agent-down', 'clock-set'],
    'a part of this hole never was, and nobody knows which',
  );
  await house.archive.close();
});
