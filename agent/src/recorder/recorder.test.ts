import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { ArchiveEvent } from '#archive';
import { openFakeVolume, type FakeVolume } from '#volume';
import { openDrawnSource, openFeed, toFrameNumber, type DrawnSourceOptions, type Feed } from '#testing';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { scanFragments, splitFragment, type FragmentFrame } from '@porchlight/media/fmp4';
import { openRecorder, type Recorder, type RecorderOptions } from './index.ts';

const camera = cameraIdSchema.parse('yard');
const midnight = Date.UTC(2026, 0, 1);

type Bench = { volume: FakeVolume; clock: FakeClock; events: ArchiveEvent[]; recorder: Recorder; feed: Feed };

function openBench(options: {
  source?: DrawnSourceOptions;
  recorder?: Partial<RecorderOptions>;
  atMs?: number;
  audioLateMs?: number;
}): Bench {
  const volume = openFakeVolume();
  const clock = openFakeClock(options.atMs ?? midnight + 30_000);
  const events: ArchiveEvent[] = [];
  const emit = (event: ArchiveEvent): void => void events.push(structuredClone(event));
  const base = { camera, stream: 'main' as const, volume, clock, log: openFakeLog(), emit };
  const recorder = openRecorder({ ...base, ...options.recorder });
  const feed = openFeed({
    source: openDrawnSource(options.source),
    reader: recorder,
    clock,
    audioLateMs: options.audioLateMs ?? 0,
  });
  recorder.onTracks(feed.tracks, feed.run);
  return { volume, clock, events, recorder, feed };
}

const ofKind = <K extends ArchiveEvent['kind']>(
  events: readonly ArchiveEvent[],
  kind: K,
): Extract<ArchiveEvent, { kind: K }>[] =>
  events.filter((event): event is Extract<ArchiveEvent, { kind: K }> => event.kind === kind);

function samplesOf(bytes: Uint8Array): FragmentFrame[] {
  const scan = scanFragments({
    sizeBytes: bytes.length,
    readAt: (offset, length) => bytes.subarray(offset, offset + length),
  });
  assert.equal(scan.stoppedAt, 'end');
  return scan.fragments.flatMap(({ offsetBytes, sizeBytes }) =>
    splitFragment(bytes.subarray(offsetBytes, offsetBytes + sizeBytes)),
  );
}

const numbers = (volume: FakeVolume, kind: 'video' | 'audio'): number[] =>
  [...volume.files.values()].flatMap((bytes) =>
    samplesOf(bytes)
      .filter((sample) => sample.trackId === (kind === 'video' ? 1 : 2))
      .map((sample) => toFrameNumber(sample.data, kind)),
  );

test('cuts at the first key frame after each whole UTC minute and loses no frame', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { gopLength: 30 } });
  await feed.play(150_050);
  await recorder.close();
  assert.deepEqual(
    [...volume.files.keys()],
    [
      'yard/main/2026-01-01/00-00-30.000Z.mp4',
      'yard/main/2026-01-01/00-01-00.000Z.mp4',
      'yard/main/2026-01-01/00-02-00.000Z.mp4',
      'yard/main/2026-01-01/00-03-00.000Z.mp4',
    ],
  );
  const seen = numbers(volume, 'video');
  assert.deepEqual(
    seen,
    Array.from({ length: 1501 }, (_, index) => index),
  );
  const opened = ofKind(events, 'segment-opened');
  assert.deepEqual(
    opened.map((event) => event.startTicks),
    [0, 2_700_000, 8_100_000, 13_500_000],
  );
  assert.equal(new Set(opened.map((event) => event.run)).size, 1);
});

test('cuts every five minutes when told to', async () => {
  const { volume, recorder, feed } = openBench({ recorder: { segmentMs: 300_000 }, atMs: midnight + 299_000 });
  await feed.play(20_000);
  await recorder.close();
  assert.equal(volume.files.size, 2);
});

test('starts each file at 0 with a key frame, and flushes at most 500 ms of media', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { fps: 25, gopLength: 40 }, atMs: midnight + 59_000 });
  await feed.play(10_000);
  await recorder.close();
  for (const bytes of volume.files.values()) {
    const [first] = samplesOf(bytes);
    assert.deepEqual([first!.dtsTicks, first!.ptsTicks, first!.key], [0, 0, true]);
  }
  const fragments = ofKind(events, 'fragment');
  assert.ok(fragments.length >= 20);
  assert.ok(fragments.every((fragment) => fragment.durationTicks <= 46_800));
});

test('tells the archive the truth: sizes, offsets, keys, times and SHA-256', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { audio: 'aac' } });
  await feed.play(45_000);
  await recorder.close();
  for (const closed of ofKind(events, 'segment-closed')) {
    const opened = ofKind(events, 'segment-opened').find((event) => event.segment === closed.segment)!;
    const bytes = volume.files.get(opened.path)!;
    assert.equal(closed.sizeBytes, bytes.length);
    assert.equal(closed.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.deepEqual(opened.init, bytes.slice(0, opened.init.length));
    const scan = scanFragments({
      sizeBytes: bytes.length,
      readAt: (offset, length) => bytes.subarray(offset, offset + length),
    });
    const told = ofKind(events, 'fragment').filter((event) => event.segment === closed.segment);
    assert.deepEqual(
      told.map((event) => [event.offsetBytes, event.sizeBytes]),
      scan.fragments.map((found) => [found.offsetBytes, found.sizeBytes]),
    );
    const videos = scan.fragments.map((found) => found.tracks.find((track) => track.trackId === 1));
    for (const [index, video] of videos.entries()) {
      if (video === undefined) continue;
      assert.deepEqual(
        [told[index]!.baseTicks, told[index]!.durationTicks, told[index]!.key],
        [video.baseDecodeTicks, video.durationTicks, video.key],
      );
    }
    assert.equal(closed.frames, samplesOf(bytes).filter((sample) => sample.trackId === 1).length);
    assert.ok(Math.abs(closed.endWallMs - opened.startWallMs - closed.durationTicks / 90) <= 1);
  }
  const order = events.map((event) => event.kind);
  assert.ok(order.indexOf('segment-opened') < order.indexOf('fragment'));
  assert.equal(order.at(-1), 'segment-closed');
});

test('sound that comes after its file is finished is counted with what was lost', async () => {
  const { volume, recorder, feed, events } = openBench({
    ...{ source: { audio: 'aac' }, atMs: midnight + 55_000, audioLateMs: 2600 },
  });
  await feed.play(15_000);
  await recorder.close();
  const seen = numbers(volume, 'audio');
  const missing = seen.at(-1)! - seen[0]! + 1 - seen.length;
  const lost = ofKind(events, 'segment-closed').reduce((sum, { packetsLost }) => sum + packetsLost, 0);
  assert.ok(missing > 0 && missing < 40, `${missing} missing`);
  assert.equal(lost, missing);
});

test('sound of a cut file is on disk within a second too, though the file stays open for more', async () => {
  const { volume, recorder, feed } = openBench({ source: { audio: 'aac' }, atMs: midnight + 55_000 });
  await feed.play(7_000);
  const first = [...volume.files.values()][0]!;
  const video = samplesOf(first).filter((sample) => sample.trackId === 1);
  assert.equal(video.length, 60, 'all pictures of the first file');
  await recorder.close();
});

test('a run that begins later because the clock was set says so; one that follows at once says nothing', async () => {
  const { recorder, feed, events } = openBench({});
  await feed.play(10_000);
  const endMs = midnight + 40_000;
  recorder.onTracks(feed.tracks, { id: 'run-b', startWallMs: endMs + 90 });
  await feed.play(2_000);
  assert.deepEqual(ofKind(events, 'gap'), []);
  recorder.onTracks(feed.tracks, { id: 'run-c', startWallMs: endMs + 3_600_000 });
  await recorder.close();
  const [gap, ...more] = ofKind(events, 'gap');
  assert.deepEqual([gap?.reason, more.length], ['clock-set', 0]);
  assert.ok(Math.abs(gap!.fromMs - (endMs + 2_000)) <= 2_000, `${gap!.fromMs - endMs}`);
});

test('keeps every audio frame over a cut, also when audio comes late', async () => {
  for (const audioLateMs of [0, 60, 300, 1500]) {
    const { volume, recorder, feed } = openBench({ source: { audio: 'aac' }, atMs: midnight + 55_000, audioLateMs });
    await feed.play(15_000);
    await recorder.close();
    assert.equal(volume.files.size, 2);
    const seen = numbers(volume, 'audio');
    assert.deepEqual(
      seen,
      Array.from(seen, (_, index) => seen[0]! + index),
      `late by ${audioLateMs} ms`,
    );
    assert.ok(seen.length >= ((15_000 - audioLateMs - 300) * 16) / 1024);
    const [, second] = [...volume.files.values()];
    const audio = samplesOf(second!).filter((sample) => sample.trackId === 2);
    assert.ok(audio[0]!.dtsTicks < 1024, 'the new file starts with the audio of its first picture');
  }
});

test('turns G.711 into FLAC that goes on over a cut without losing a sample', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { audio: 'pcmu' }, atMs: midnight + 55_000 });
  await feed.play(15_000);
  await recorder.close();
  assert.equal(ofKind(events, 'segment-opened')[0]!.codecString, 'avc1.42c01e,flac');
  const audio = [...volume.files.values()].map((bytes) => samplesOf(bytes).filter((sample) => sample.trackId === 2));
  const samples = audio.flat().reduce((sum, sample) => sum + sample.durationTicks, 0);
  assert.ok(Math.abs(samples - 15 * 8000) <= 160, `${samples} samples`);
  assert.ok(audio.every((file) => file.every((sample) => sample.durationTicks <= 512)));
});

test('writes within 800 ms of receipt also when no further picture comes', async () => {
  const { recorder, feed, events, clock } = openBench({ source: { fps: 25 } });
  await feed.play(200);
  assert.equal(ofKind(events, 'fragment').length, 0);
  await clock.advance(800);
  assert.equal(ofKind(events, 'fragment').length, 1);
  await recorder.close();
});

test('a picture that comes after an early flush keeps its own decode time', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { fps: 1, gopLength: 5 } });
  await feed.play(20_000);
  await recorder.close();
  assert.ok(ofKind(events, 'fragment').length >= 20);
  const times = [...volume.files.values()].flatMap((bytes) => samplesOf(bytes).map((sample) => sample.dtsTicks));
  assert.deepEqual(
    times,
    Array.from(times, (_, index) => index * 90_000),
  );
});

test('waits for the disk one write at a time and syncs files one after another, at least every 5 s', async () => {
  const bench = openBench({});
  const others = ['b', 'c', 'd'].map((name) => {
    const id = cameraIdSchema.parse(name);
    const { volume, clock } = bench;
    const recorder = openRecorder({
      camera: id,
      stream: 'main',
      volume,
      clock,
      log: openFakeLog(),
      emit: () => undefined,
    });
    const feed = openFeed({ source: openDrawnSource(), reader: recorder, clock });
    recorder.onTracks(feed.tracks, feed.run);
    return { recorder, feed };
  });
  const { volume, feed, recorder } = bench;
  const syncedAt: number[] = [];
  for (let second = 0; second < 20; second++) {
    const before = volume.syncs.length;
    await feed.play(500);
    await others[0]!.feed.play(500);
    if (volume.syncs.slice(before).includes('yard/main/2026-01-01/00-00-30.000Z.mp4')) syncedAt.push(second);
  }
  assert.ok(
    syncedAt.length >= 4 && syncedAt.every((second, index) => index === 0 || second - syncedAt[index - 1]! <= 5),
  );
  await Promise.all([recorder, ...others.map((other) => other.recorder)].map((open) => open.close()));
  assert.equal(volume.mostWritesAtOnce, 1);
  assert.equal(volume.mostSyncsAtOnce, 1);
});

test('drops to the next key frame when the disk is too slow, and says so', async () => {
  const { volume, recorder, feed, events } = openBench({
    source: { pictureBytes: 5_000 },
    recorder: { maxPendingBytes: 100_000 },
  });
  await feed.play(4_000);
  const { promise, resolve } = Promise.withResolvers<void>();
  volume.stall = promise;
  await feed.play(9_900);
  const gaps = ofKind(events, 'gap');
  assert.equal(gaps.length, 1);
  assert.equal(gaps[0]!.reason, 'dropped');
  volume.stall = undefined;
  resolve();
  await feed.play(10_000);
  await recorder.close();
  const runs = ofKind(events, 'segment-opened').map((event) => event.run);
  assert.deepEqual(runs, ['run-1', 'run-1.1']);
  const seen = numbers(volume, 'video');
  const jump = seen.findIndex((value, index) => index > 0 && value !== seen[index - 1]! + 1);
  assert.ok(jump > 0 && seen[jump]! % 20 === 0, 'goes on with a key frame');
  assert.equal(ofKind(events, 'segment-opened')[1]!.startTicks, 0);
});

test('a full disk ends the segment whole, tells the gap, and recording goes on once there is room', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { pictureBytes: 1_000 } });
  volume.capacityBytes = 50_000;
  await feed.play(20_000);
  const [gap] = ofKind(events, 'gap');
  assert.equal(gap!.reason, 'disk-full');
  const [closed] = ofKind(events, 'segment-closed');
  const [path] = [...volume.files.keys()];
  assert.equal(closed!.sizeBytes, volume.files.get(path!)!.length);
  assert.equal(closed!.sha256, createHash('sha256').update(volume.files.get(path!)!).digest('hex'));
  assert.equal(gap!.fromMs, closed!.endWallMs);
  volume.capacityBytes = Infinity;
  await feed.play(9_000);
  await recorder.close();
  const opened = ofKind(events, 'segment-opened');
  assert.equal(new Set(opened.map((event) => event.run)).size, opened.length, 'each try is a run of its own');
  const ended = ofKind(events, 'segment-closed').length + ofKind(events, 'segment-dropped').length;
  assert.equal(opened.length, ended);
  assert.equal(volume.files.size, ofKind(events, 'segment-closed').length);
  for (const bytes of volume.files.values()) assert.ok(samplesOf(bytes).length > 0);
});

test('a broken write costs what was not whole and nothing else', async () => {
  const { volume, recorder, feed, events } = openBench({ source: { pictureBytes: 1_000 } });
  await feed.play(5_000);
  volume.failAfterBytes = 2_500;
  await feed.play(10_000);
  await recorder.close();
  assert.deepEqual(
    ofKind(events, 'gap').map((gap) => gap.reason),
    ['disk-failed'],
  );
  assert.equal(volume.files.size, 2);
  for (const bytes of volume.files.values()) assert.ok(samplesOf(bytes).length > 0);
});

test('a change of parameters begins a new file at the next key frame within the same run', async () => {
  const { volume, recorder, feed, events } = openBench({});
  await feed.play(5_000);
  const [video] = feed.tracks;
  assert.ok(video?.kind === 'video');
  recorder.onTracks([{ ...video, widthPx: 320, heightPx: 180 }], feed.run);
  await feed.play(5_000);
  await recorder.close();
  assert.equal(volume.files.size, 2);
  const opened = ofKind(events, 'segment-opened');
  assert.equal(opened[0]!.run, opened[1]!.run);
  assert.notEqual(opened[0]!.initHash, opened[1]!.initHash);
  assert.equal(opened[1]!.startTicks, 6 * 90_000);
  assert.deepEqual(numbers(volume, 'video').length, 101);
});

test('the same tracks told again change nothing', async () => {
  const { volume, recorder, feed } = openBench({ source: { audio: 'pcmu' } });
  await feed.play(5_000);
  recorder.onTracks(feed.tracks, feed.run);
  await feed.play(5_000);
  await recorder.close();
  assert.equal(volume.files.size, 1);
});

test('an end of the run finishes the file at once and tells the gap; the next run has its own', async () => {
  const { volume, recorder, feed, events, clock } = openBench({});
  await feed.play(5_000);
  recorder.onEnd({ reason: 'camera-offline', wallMs: clock.nowMs() });
  await clock.advance(3_000);
  assert.equal(ofKind(events, 'segment-closed').length, 1);
  assert.deepEqual(ofKind(events, 'gap'), [
    { kind: 'gap', camera, stream: 'main', fromMs: midnight + 35_000, reason: 'camera-offline' },
  ]);
  recorder.onTracks(feed.tracks, { id: 'run-2', startWallMs: clock.nowMs() });
  await feed.play(5_000);
  await recorder.close();
  assert.deepEqual(
    ofKind(events, 'segment-opened').map((event) => event.run),
    ['run-1', 'run-2'],
  );
  assert.equal(volume.files.size, 2);
});

test('a name that is taken because the clock went back moves on by a millisecond', async () => {
  const { volume, recorder, feed } = openBench({});
  volume.put('yard/main/2026-01-01/00-00-30.000Z.mp4', new Uint8Array(3));
  await feed.play(3_000);
  await recorder.close();
  assert.equal(volume.files.get('yard/main/2026-01-01/00-00-30.000Z.mp4')!.length, 3);
  assert.ok(volume.files.get('yard/main/2026-01-01/00-00-30.001Z.mp4')!.length > 1_000);
});

test('frames are handed to the disk as they came, not copied and not changed', async () => {
  const written = new Set<ArrayBufferLike>();
  const volume = openFakeVolume();
  const clock = openFakeClock(midnight);
  const create = volume.create.bind(volume);
  volume.create = async (path) => {
    const file = await create(path);
    const write = file.write.bind(file);
    file.write = (parts) => {
      for (const part of parts) written.add(part.buffer);
      return write(parts);
    };
    return file;
  };
  const recorder = openRecorder({ camera, stream: 'main', volume, clock, log: openFakeLog(), emit: () => undefined });
  const source = openDrawnSource();
  const sent = new Set<ArrayBufferLike>();
  const spied = {
    tracks: source.tracks,
    next: () => {
      const next = source.next();
      if (next.frame.kind === 'video') for (const unit of next.frame.nalUnits) sent.add(unit.parts[0]!.buffer);
      return next;
    },
  };
  const feed = openFeed({ source: spied, reader: recorder, clock });
  recorder.onTracks(feed.tracks, feed.run);
  await feed.play(5_000);
  await recorder.close();
  const reached = [...sent].filter((buffer) => written.has(buffer)).length;
  assert.ok(reached >= 50 && reached >= sent.size - 1);
});

test('a closed recorder leaves no timer behind and takes nothing more', async () => {
  const { recorder, feed, clock, volume } = openBench({});
  await feed.play(3_000);
  await recorder.close();
  await recorder.close();
  const before = [...volume.files.values()][0]!.length;
  await feed.play(3_000);
  await clock.advance(5_000);
  assert.equal([...volume.files.values()][0]!.length, before);
  assert.equal(clock.pendingTimers, 0);
});
