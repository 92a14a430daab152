import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeVolume, type FakeVolume } from '#volume';
import { openRecorder } from '#recorder';
import { openStream, type Stream, type StreamReader, type TimedFrame } from '#stream';
import { openDrawnSource } from '#testing';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { concatBytes } from '@porchlight/media/bytes';
import type { CodedFrame } from '@porchlight/media/frame';

type Bench = {
  stream: Stream;
  volume: FakeVolume;
  clock: FakeClock;
  play(untilMs: number): Promise<void>;
  close(): Promise<void>;
};

/** A camera with sound, ten pictures and about fifteen packets of sound a second, a key frame every two; recorded. */
function openBench(): Bench {
  const [clock, log, volume] = [openFakeClock(), openFakeLog(), openFakeVolume()];
  const stats = { transport: 'tcp' as const, packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 };
  const stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
  const emit = (): void => undefined;
  const onWritten = stream.noteWritten.bind(stream);
  const recorder = openRecorder({ camera: 'door' as CameraId, stream: 'main', volume, clock, log, emit, onWritten });
  stream.subscribe(recorder, { fromKeyFrame: 'next', holds: true });
  const source = openDrawnSource({ audio: 'aac', pictureBytes: 3000 });
  stream.onTracks(source.tracks);
  const startMs = clock.monotonicMs();
  let next = source.next();
  return {
    ...{ stream, volume, clock },
    async play(untilMs) {
      for (; next.dueMs < untilMs; next = source.next()) {
        await clock.advance(Math.max(0, startMs + next.dueMs - clock.monotonicMs()));
        stream.onFrame(next.frame, clock.monotonicMs());
      }
      await clock.advance(Math.max(0, startMs + untilMs - clock.monotonicMs()));
    },
    async close() {
      stream.close();
      const closed = recorder.close();
      await clock.advance(30_000);
      await closed;
    },
  };
}

function openReader(): StreamReader & { frames: TimedFrame[] } {
  const frames: TimedFrame[] = [];
  return { frames, onTracks: () => undefined, onFrame: (timed) => void frames.push(timed), onEnd: () => undefined };
}

function toFacts({ frame, dtsTicks, wallMs }: TimedFrame): object {
  const times = { dtsTicks, ptsTicks: frame.ptsTicks, wallMs: Math.round(wallMs), track: frame.track };
  if (frame.kind === 'audio') return { ...times, bytes: Buffer.from(frame.data).toString('hex') };
  const { key, reference, sizeBytes, nalUnits } = frame;
  const bytes = nalUnits.map(({ parts }) => Buffer.from(concatBytes(parts)).toString('hex'));
  return { ...times, key, reference, sizeBytes, types: nalUnits.map(({ type }) => type), bytes };
}

const isKey = (frame: CodedFrame): boolean => frame.kind === 'video' && frame.key;

test('whoever joins gets the group as it came, though what is recorded of it has left memory', async () => {
  const bench = openBench();
  const all = openReader();
  bench.stream.subscribe(all, { fromKeyFrame: 'next', holds: true });
  // Moments all over a group, and over the cut of a file at the whole minute.
  for (let untilMs = 300; untilMs < 125_000; untilMs += 1370) {
    await bench.play(untilMs);
    const late = openReader();
    bench.stream.subscribe(late)();
    const from = all.frames.findLastIndex(({ frame }) => isKey(frame));
    assert.deepEqual(late.frames.map(toFacts), all.frames.slice(from).map(toFacts), `at ${untilMs} ms`);
    assert.equal(bench.stream.gopLength, late.frames.length);
    assert.deepEqual(toFacts(bench.stream.newestKey!), toFacts(all.frames[from]!));
  }
  assert.equal(bench.volume.files.size, 3);
  await bench.close();
});

test('pictures that are recorded leave memory', async () => {
  const bench = openBench();
  await bench.play(1900);
  let reads = 0;
  const { contents } = bench.volume;
  const [content] = contents.values();
  const bytes = content!.bytes;
  Object.defineProperty(content, 'bytes', { get: () => (reads++, bytes) });
  assert.equal(bench.stream.gop.length, bench.stream.gopLength);
  assert.ok(reads > 0, 'the file was not read');
  await bench.close();
});

test('when the disk does not give a group back, whoever joins starts at the next key frame', async () => {
  const bench = openBench();
  await bench.play(1700);
  for (const content of bench.volume.contents.values()) content.sizeBytes = 1000;
  const late = openReader();
  bench.stream.subscribe(late);
  assert.equal(late.frames.length, 0);
  assert.equal(bench.stream.newestKey, undefined);
  await bench.play(2500);
  assert.ok(isKey(late.frames[0]!.frame));
  assert.ok(late.frames.length > 5);
  await bench.close();
});
