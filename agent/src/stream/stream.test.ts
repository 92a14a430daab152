import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openReaderProbe, openStreamProbe, audioTrack, videoTrack } from './test/stream-probe.ts';

const frameMs = 40;

/** Pictures every 40 ms from `fromMs` of media time, a key frame every second, each received when it is due. */
async function play(probe: ReturnType<typeof openStreamProbe>, fromMs: number, count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    probe.picture(fromMs + index * frameMs, { key: index % 25 === 0 });
    await probe.clock.advance(frameMs);
  }
}

test('nothing is delivered before the first key frame', () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack, audioTrack]);
  probe.picture(0);
  probe.sound(0);
  probe.picture(40, { key: true });
  probe.sound(40);
  probe.picture(80);
  assert.deepEqual(reader.events, ['tracks', 'key', 'audio', 'frame']);
  assert.deepEqual(reader.tracks[0], [videoTrack, audioTrack]);
});

test('a run starts at its receipt and its wall time is media time', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  const startMs = probe.clock.nowMs();
  await play(probe, 5000, 50);
  assert.equal(reader.runs.length, 1);
  assert.equal(reader.runs[0]!.startWallMs, startMs);
  assert.equal(reader.frames[0]!.wallMs, startMs);
  assert.ok(Math.abs(reader.frames[49]!.wallMs - (startMs + 49 * frameMs)) < 0.01);
  assert.deepEqual(
    reader.frames.map(({ dtsTicks, frame }) => dtsTicks - frame.ptsTicks),
    new Array(50).fill(0),
  );
});

test('wall time leans towards the smallest delay by at most 500 ppm and never steps', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  // The first frame came 100 ms late: the line starts too late by that and slowly mends.
  probe.picture(0, { key: true });
  for (let index = 1; index < 2000; index++) {
    await probe.clock.advance(index === 1 ? 0 : frameMs);
    if (index > 1) probe.picture(60 + index * frameMs, { key: index % 50 === 0 });
  }
  const walls = reader.frames.map(({ wallMs, frame }) => wallMs - frame.ptsTicks / 90);
  for (let index = 1; index < walls.length; index++) {
    const change = walls[index]! - walls[index - 1]!;
    assert.ok(change <= 1e-6 && Math.abs(change) <= 0.2 * 500e-6 * 1000, `lean ${change}`);
  }
  const leanMs = walls[0]! - walls.at(-1)!;
  assert.ok(leanMs > 30 && leanMs < 45, `leaned ${leanMs}`);
  assert.equal(reader.runs.length, 1);
});

test('late frames after a stall are no step', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  await play(probe, 0, 25);
  await probe.clock.advance(5000);
  for (let index = 25; index < 150; index++) probe.picture(index * frameMs, { key: index % 25 === 0 });
  await play(probe, 6000, 50);
  assert.equal(reader.runs.length, 1);
  assert.equal(reader.frames.length, 200);
});

for (const [name, jumpMs] of [
  ['forward', 3_600_000],
  ['back', -3_600_000],
  ['back a little over a second', -1500],
] as const) {
  test(`when the camera's clock jumps ${name} no picture is lost and a new run begins at the next key frame`, async () => {
    const probe = openStreamProbe();
    const reader = openReaderProbe();
    probe.stream.subscribe(reader);
    probe.stream.onTracks([videoTrack]);
    const startMs = 10_000_000;
    await play(probe, startMs, 30);
    for (let index = 30; index < 60; index++) {
      probe.picture(startMs + jumpMs + index * frameMs, { key: index % 25 === 0 });
      await probe.clock.advance(frameMs);
    }
    assert.equal(reader.frames.length, 60);
    assert.equal(reader.runs.length, 2);
    assert.notEqual(reader.runs[0]!.id, reader.runs[1]!.id);
    assert.equal(reader.gaps.length, 0);
    const secondAt = reader.events.lastIndexOf('tracks') - 1;
    assert.ok(reader.frames[secondAt]!.frame.kind === 'video' && secondAt === 50);
    for (let index = 1; index < 60; index++) {
      const stepMs = reader.frames[index]!.wallMs - reader.frames[index - 1]!.wallMs;
      assert.ok(stepMs > 0 && stepMs < 2.5 * frameMs, `picture ${index}: ${stepMs} ms`);
    }
  });
}

test('when the wall clock is set, a new run begins at a key frame, and the old one keeps its time', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  await play(probe, 0, 100);
  probe.clock.stepWall(86_400_000);
  await play(probe, 4000, 600);
  assert.equal(reader.runs.length, 2);
  assert.ok(Math.abs(reader.runs[1]!.startWallMs - reader.runs[0]!.startWallMs - 86_400_000) < 30_000);
  assert.equal(reader.gaps.length, 0);
});

test('pictures out of order get decode times, and the depth that was learnt is announced at the next key frame', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  // I P B B, again and again
  const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11];
  for (const round of [0, 1, 2]) {
    for (const place of order) {
      probe.picture((round * 13 + place + 3) * frameMs, { key: place === 0 });
      await probe.clock.advance(frameMs);
    }
  }
  assert.equal(reader.runs.length, 2);
  assert.equal(reader.runs[0]!.id, reader.runs[1]!.id);
  const [first] = reader.tracks.at(-1)!;
  assert.ok(first?.kind === 'video' && first.reorderDepth !== undefined && first.reorderDepth >= 1);
  for (let index = 1; index < reader.frames.length; index++)
    assert.ok(reader.frames[index]!.dtsTicks > reader.frames[index - 1]!.dtsTicks, `picture ${index}`);
  assert.equal(probe.stream.status()!.bFrames, true);
});

test('changed parameter sets are announced at their key frame, within the run', () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  probe.picture(0, { key: true });
  probe.stream.onTracks([{ ...videoTrack, parameterSets: videoTrack.parameterSets.map((set) => set.slice()) }]);
  probe.picture(40, { key: true });
  assert.equal(reader.runs.length, 1, 'the same bytes are no change');
  probe.stream.onTracks([{ ...videoTrack, parameterSets: [Uint8Array.of(0x67, 2), Uint8Array.of(0x68, 1)] }]);
  probe.picture(80, { key: true });
  assert.deepEqual(reader.events, ['tracks', 'key', 'key', 'tracks', 'key']);
  assert.equal(reader.runs[1]!.id, reader.runs[0]!.id);
});

test('losing the source ends the run where its last picture ended, once, with a reason', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onState({ status: 'starting' });
  assert.deepEqual(reader.events, []);
  probe.stream.onTracks([videoTrack]);
  const startMs = probe.clock.nowMs();
  await play(probe, 0, 10);
  probe.stream.onState({ status: 'offline', reason: 'stalled' });
  probe.stream.onState({ status: 'offline', reason: 'stalled' });
  assert.deepEqual(reader.gaps, [{ reason: 'network', wallMs: startMs + 400 }]);
  assert.equal(probe.stream.gop.length, 0);
  assert.equal(probe.stream.run, undefined);
  probe.stream.onState({ status: 'offline', reason: 'unreachable' });
  assert.equal(reader.gaps.at(-1)!.reason, 'camera-offline');
  probe.stream.onState({ status: 'online' });
  await play(probe, 777_000, 2);
  assert.equal(reader.runs.length, 2);
  assert.deepEqual(reader.events.slice(-3), ['tracks', 'key', 'frame']);
});

test('a new reader gets the current group at once, or waits for the next key frame if it wants to', () => {
  const probe = openStreamProbe();
  probe.stream.onTracks([videoTrack]);
  probe.picture(0, { key: true });
  const frame = probe.picture(40);
  const cached = openReaderProbe();
  const next = openReaderProbe();
  probe.stream.subscribe(cached);
  const leave = probe.stream.subscribe(next, { fromKeyFrame: 'next' });
  assert.deepEqual(cached.events, ['tracks', 'key', 'frame']);
  assert.equal(cached.frames[1]!.frame, frame, 'handed on, not copied');
  probe.picture(80);
  assert.deepEqual(next.events, []);
  probe.picture(120, { key: true });
  assert.deepEqual(next.events, ['tracks', 'key']);
  leave();
  probe.picture(160);
  assert.deepEqual(next.events, ['tracks', 'key']);
  assert.deepEqual(cached.events, ['tracks', 'key', 'frame', 'frame', 'key', 'frame']);
});

test('a group that grows too large is given up until the next key frame', () => {
  const probe = openStreamProbe();
  probe.stream.onTracks([videoTrack]);
  probe.picture(0, { key: true, sizeBytes: 5 << 20 });
  probe.picture(40, { sizeBytes: 4 << 20 });
  assert.equal(probe.stream.gop.length, 0);
  assert.ok(probe.stream.newestKey);
  probe.picture(80);
  assert.equal(probe.stream.gop.length, 0);
  probe.picture(120, { key: true });
  for (let index = 0; index < 598; index++) probe.picture(160 + index * frameMs);
  assert.equal(probe.stream.gop.length, 599);
  probe.picture(30_000);
  probe.picture(30_040);
  assert.equal(probe.stream.gop.length, 0);
});

test('a reader that throws is logged and disturbs nobody', () => {
  const probe = openStreamProbe();
  const good = openReaderProbe();
  const bad = openReaderProbe();
  probe.stream.subscribe({
    ...bad,
    onFrame: () => {
      throw new Error('broken reader');
    },
  });
  probe.stream.subscribe(good);
  probe.stream.onTracks([videoTrack]);
  for (let index = 0; index < 10; index++) probe.picture(index * frameMs, { key: index === 0 });
  assert.equal(good.frames.length, 10);
  const lines = probe.log.lines.filter(({ level }) => level === 'error');
  assert.equal(lines.length, 4, 'told at 1, 2, 4 and 8 failures');
});

test('sound lies on the same wall time, put right by sender reports', async () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack, audioTrack]);
  const startMs = probe.clock.nowMs();
  probe.picture(0, { key: true });
  probe.stream.onSenderReport({ track: 0, ntpMs: 50_000, rtpTicks: 0 });
  probe.stream.onSenderReport({ track: 1, ntpMs: 50_000, rtpTicks: 80_000 });
  // Sound of media time 10 040 ms on its own clock is, by the reports, that of video at 40 ms; it came 200 ms later.
  await probe.clock.advance(240);
  probe.sound(10_040);
  assert.ok(Math.abs(reader.frames.at(-1)!.wallMs - (startMs + 40)) < 1);
});

test('a status measures rate, bits and key frame distance over the last seconds', async () => {
  const probe = openStreamProbe();
  probe.stream.onTracks([videoTrack, audioTrack]);
  assert.equal(probe.stream.status()!.fps, 0);
  await play(probe, 0, 300);
  const status = probe.stream.status()!;
  assert.ok(Math.abs(status.fps - 25) < 0.3, String(status.fps));
  assert.ok(Math.abs(status.bitrateBps - 200_000) < 3000, String(status.bitrateBps));
  assert.equal(status.gopMs, 1000);
  assert.equal(status.bFrames, false);
  assert.equal(status.framesReceived, 300);
  assert.equal(status.audioCodec, 'pcma');
  assert.equal(status.packetsLost, 1);
  await probe.clock.advance(20_000);
  assert.ok(probe.stream.status()!.fps < 5);
});

test('closing ends the run for every reader and nothing comes after', () => {
  const probe = openStreamProbe();
  const reader = openReaderProbe();
  probe.stream.subscribe(reader);
  probe.stream.onTracks([videoTrack]);
  probe.picture(0, { key: true });
  probe.stream.close('paused-by');
  probe.picture(40, { key: true });
  assert.deepEqual(reader.events, ['tracks', 'key', 'end']);
  assert.equal(reader.gaps[0]!.reason, 'paused-by');
});
