import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openArchive, type Archive, type ArchiveEvent } from '#archive';
import { openRecorder, type Recorder } from '#recorder';
import { settleHeap } from '#shard';
import { openStream, type Stream } from '#stream';
import { drawnVideoTrack } from '#testing';
import { openFakeVolume } from '#volume';
import { openFakeClock, type Clock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import type { AudioTrack } from '@porchlight/media/frame';
import { openRtpReceiver, writeRtpPacket, type RtpReceiver } from '@porchlight/media/rtp';

const camera = cameraIdSchema.parse('yard');
const hourMs = 3_600_000;
/** The night in which Europe's clocks go back. */
const noonMs = Date.UTC(2026, 9, 24, 12);
const pictureMs = 500;
const groupLength = 8;
const frameMs = 40;

const audioTrack: AudioTrack = {
  kind: 'audio',
  codec: 'aac',
  clockRateHz: 16_000,
  sampleRateHz: 16_000,
  channels: 1,
  config: Uint8Array.of(0x14, 0x08),
  codecString: 'mp4a.40.2',
};

/** One track's sender: its own clock, which runs too fast or too slow, in 32-bit RTP ticks. */
class Sender {
  readonly receiver: RtpReceiver;
  readonly #rateHz: number;
  readonly #ppm: number;
  readonly #payloadType: number;
  #sequence = 65_000;
  jumpMs = 0;

  constructor(options: { rateHz: number; ppm: number; payloadType: number; onPayload: (ticks: number) => void }) {
    const { rateHz, ppm, payloadType, onPayload } = options;
    this.#rateHz = rateHz;
    this.#ppm = ppm;
    this.#payloadType = payloadType;
    this.receiver = openRtpReceiver({
      clockRateHz: rateHz,
      reorder: 'none',
      onPayload: (_bytes, ticks) => onPayload(ticks),
      onLost: () => assert.fail('nothing is lost on the way'),
    });
  }

  /** The sender's time stamp, as it goes over the wire. */
  stampAt(monotonicMs: number): number {
    return (
      Math.round(4_000_000_000 + ((monotonicMs * (1 + this.#ppm / 1e6) + this.jumpMs) * this.#rateHz) / 1000) >>> 0
    );
  }

  send(monotonicMs: number): void {
    const fields = { payloadType: this.#payloadType, marker: true, sequence: this.#sequence++ & 0xffff, ssrc: 7 };
    const packet = writeRtpPacket({ ...fields, timestamp: this.stampAt(monotonicMs) }, Uint8Array.of(1, 2, 3));
    this.receiver.push(packet, monotonicMs);
  }
}

/** A camera whose clock was never set and drifts, and whose sound drifts the other way. */
class Camera {
  readonly video: Sender;
  readonly audio: Sender;
  readonly #stream: Stream;
  readonly #clock: Clock;
  #ntpMs = Date.UTC(2008, 0, 1);
  #pictures = 0;
  #soundDueMs = 0;
  sent = 0;
  online = true;

  constructor(stream: Stream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    const onVideo = (ptsTicks: number): void => {
      const key = this.#pictures++ % groupLength === 0;
      const data = new Uint8Array(24).fill(key ? 0x65 : 0x41);
      const nalUnits = [{ type: key ? 5 : 1, parts: [data], sizeBytes: data.length }];
      const shared = { reference: true, nalUnits, sizeBytes: data.length + 4, packetsLost: 0 };
      stream.onFrame({ kind: 'video', track: 0, ptsTicks, key, ...shared }, clock.monotonicMs());
    };
    const onAudio = (ptsTicks: number): void => {
      const data = new Uint8Array(8);
      stream.onFrame({ kind: 'audio', track: 1, ptsTicks, durationTicks: 16_000, data }, clock.monotonicMs());
    };
    this.video = new Sender({ rateHz: 90_000, ppm: -60, payloadType: 96, onPayload: onVideo });
    this.audio = new Sender({ rateHz: 16_000, ppm: 80, payloadType: 97, onPayload: onAudio });
  }

  setClock(byMs: number): void {
    this.#ntpMs += byMs;
  }

  /** The time stamps of both tracks jump. */
  jump(byMs: number): void {
    this.video.jumpMs += byMs;
    this.audio.jumpMs += byMs;
  }

  restart(): void {
    this.#pictures = 0;
    this.online = true;
    this.#stream.onState({ status: 'online' });
  }

  leave(): void {
    this.online = false;
    this.#stream.onState({ status: 'offline', reason: 'unreachable' });
  }

  tick(): void {
    if (!this.online) return;
    const nowMs = this.#clock.monotonicMs();
    this.video.send(nowMs);
    this.sent++;
    if (nowMs < this.#soundDueMs) return;
    this.#soundDueMs = nowMs + 1000;
    this.audio.send(nowMs);
    if (nowMs % 5000 === 0) this.#report(nowMs);
  }

  #report(nowMs: number): void {
    for (const [track, sender] of [this.video, this.audio].entries()) {
      const rtpTicks = sender.receiver.toTicks(sender.stampAt(nowMs));
      if (rtpTicks !== undefined) this.#stream.onSenderReport({ track, ntpMs: this.#ntpMs + nowMs, rtpTicks });
    }
  }
}

type Recorded = { startMs: number; endMs: number; mediaMs: number; frames: number; lost: number };

/** The whole way of one camera; files are kept in memory up to a small budget. */
class Bench {
  readonly clock: FakeClock = openFakeClock(noonMs);
  readonly volume = openFakeVolume();
  readonly log = openFakeLog();
  readonly recorded: Recorded[] = [];
  readonly gaps: { fromMs: number; reason: string }[] = [];
  archive!: Archive;
  recorder!: Recorder;
  stream!: Stream;
  camera!: Camera;
  readonly #starts = new Map<string, number>();

  async open(folder: string): Promise<void> {
    const { volume } = this;
    const { log } = this;
    // Ticks of 100 ms would be most of this test's time and change nothing in it.
    const fake = this.clock;
    const clock: Clock = { ...fake, every: (periodMs, call) => fake.every(Math.max(periodMs, 1000), call) };
    this.archive = await openArchive({ folder, volume, clock, log, bootId: 'boot' });
    this.archive.setCamera(camera, { addedMs: clock.nowMs(), capBytes: 3_000_000 });
    const emit = (event: ArchiveEvent): void => this.#note(event);
    this.recorder = openRecorder({ camera, stream: 'main', volume, clock, log, emit });
    const stats = { transport: 'tcp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 } as const;
    this.stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
    this.stream.subscribe(this.recorder, { fromKeyFrame: 'next', holds: true });
    this.stream.onTracks([drawnVideoTrack, audioTrack]);
    this.camera = new Camera(this.stream, clock);
  }

  #note(event: ArchiveEvent): void {
    this.archive.note(event);
    if (event.kind === 'gap') this.gaps.push({ fromMs: event.fromMs, reason: event.reason });
    if (event.kind === 'segment-opened') this.#starts.set(event.segment, event.startWallMs);
    if (event.kind !== 'segment-closed') return;
    const { endWallMs: endMs, durationTicks, frames, packetsLost: lost } = event;
    const startMs = this.#starts.get(event.segment)!;
    this.#starts.delete(event.segment);
    this.recorded.push({ startMs, endMs, mediaMs: durationTicks / 90, frames, lost });
  }

  async playUntil(monotonicMs: number): Promise<void> {
    while (this.clock.monotonicMs() < monotonicMs) {
      this.camera.tick();
      await this.clock.advance(pictureMs);
    }
    this.volume.syncs.length = 0;
  }
}

/** By the hour: what goes wrong. */
const faults: readonly (readonly [hour: number, (bench: Bench) => void | Promise<void>])[] = [
  [2.5, ({ camera }) => camera.jump(hourMs)],
  [3, ({ clock }) => clock.stepWall(37_000)],
  [4, ({ camera }) => camera.setClock(86_400_000)],
  [5, ({ camera }) => camera.jump(-hourMs / 2)],
  [6, ({ clock }) => clock.stepWall(-90_000)],
  [
    8,
    async (bench) => {
      bench.camera.leave();
      await bench.playUntil(8 * hourMs + 180_000);
      bench.camera.restart();
    },
  ],
  [11, ({ clock }) => clock.stepWall(-1_800_000)],
  [12, ({ camera }) => camera.jump(-1700)],
  [16, ({ clock }) => clock.stepWall(2_400_000)],
  [18, ({ clock, camera }) => (clock.stepWall(600_000), camera.jump(7000))],
  [20, ({ clock }) => clock.stepWall(-5000)],
  [20.1, ({ clock }) => clock.stepWall(-4000)],
  [21, ({ camera }) => camera.setClock(-7 * 86_400_000)],
  [22, ({ clock }) => clock.stepWall(1500)],
];

const heapBytes = (): number => (settleHeap(), process.memoryUsage().heapUsed);

test('a day of faults gives segments that never overlap, durations right to a frame, and no growth', async () => {
  using folder = openTempFolder();
  const bench = new Bench();
  await bench.open(folder.path);
  await bench.playUntil(2 * hourMs);
  const earlyBytes = heapBytes();
  for (const [hour, act] of faults) {
    await bench.playUntil(hour * hourMs);
    await act(bench);
  }
  await bench.playUntil(24 * hourMs);
  const grownBytes = heapBytes() - earlyBytes;
  await bench.recorder.close();
  const inOrder = bench.recorded.toSorted((one, other) => one.startMs - other.startMs);
  for (const [index, { startMs, endMs, mediaMs }] of inOrder.entries()) {
    assert.ok(Math.abs(endMs - startMs - mediaMs) <= frameMs, `${endMs - startMs} ms for ${mediaMs} ms of media`);
    const next = inOrder[index + 1];
    if (next) assert.ok(endMs <= next.startMs + 1, `${endMs} overlaps ${next.startMs} of segment ${index + 1}`);
  }
  assert.deepEqual(
    bench.log.lines.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  );
  const sum = (pick: (one: Recorded) => number): number => inOrder.reduce((total, one) => total + pick(one), 0);
  const { sent } = bench.camera;
  assert.equal(
    sum(({ frames }) => frames),
    sent,
    'every picture is in a file',
  );
  assert.equal(
    sum(({ lost }) => lost),
    0,
    'no sound came too late for its file',
  );
  assert.ok(Math.abs(sum(({ mediaMs }) => mediaMs) / (sent * pictureMs) - 1) < 100e-6, 'recorded time is real time');
  assert.ok(grownBytes < 2 << 20, `live heap grew by ${grownBytes} bytes from hour 2 to hour 24`);
  assert.deepEqual(
    bench.gaps.map(({ reason }) => reason),
    ['clock-set', 'camera-offline', 'clock-set', 'clock-set'],
  );
  bench.stream.close();
  await bench.archive.close();
});
