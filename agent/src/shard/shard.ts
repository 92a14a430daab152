import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import type { ArchiveEvent, RecordedStretch } from '#archive';
import { openWriteMeter, type WriteMeter } from '#vitals';
import { openLine, type Line, type LineConfig, type LineDeps } from '#line';
import { openLiveServer, type LiveServer } from '#live';
import { openCertificatePins, testSource, type SourceDeps } from '#source';
import { openRecordingVolume, type RecordingVolume } from '#storage';
import { RecordedTimes } from '#stream';
import type { Clock, Timer } from '@porchlight/base/clock';
import { readIceSettings } from '@porchlight/base/config';
import { HouseError, toHouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { openEventBatch, type EventBatch } from './event-batch.ts';
import { toKeyFrame } from './key-frame.ts';
import { settleNowAndThen } from './settle-heap.ts';
import { openRest } from './rest.ts';
import type { FromShard, ShardQuestions, ShardSetup, ShardVerb, ToShard } from './messages.ts';

const reportEveryMs = 2000;
/** A change is reported soon, several at once together. */
const reportSoonMs = 100;
/** By the first time WebRTC has been warmed up too, and memory that starting took has been given up. */
const settleTimes = { firstMs: 12_000, everyMs: 300_000 };

/** What a shard runs on. */
export type ShardDeps = {
  readonly setup: ShardSetup;
  readonly clock: Clock;
  readonly log: Log;
  readonly send: (message: FromShard) => void;
};

/** The lines of some cameras and their live viewers, in one thread. */
export type Shard = {
  /** Takes a message from the main thread. */
  take(message: ToShard): void;
};

/** Opens a shard without cameras. */
export async function openShard(deps: ShardDeps): Promise<Shard> {
  const shard = new CameraShard(deps);
  await shard.open();
  return shard;
}

class CameraShard implements Shard {
  readonly #deps: ShardDeps;
  readonly #lineDeps: LineDeps;
  readonly #lines = new Map<string, Line>();
  readonly #batch: EventBatch;
  readonly #recording: RecordingVolume;
  readonly #writes: WriteMeter;
  /** Lines that are finishing: their camera waits for them. */
  readonly #closing = new Map<string, Promise<void>>();
  /** The wall times that each stream has given away: a line that is opened anew must know what the one before it recorded. */
  readonly #recorded = new Map<string, Record<StreamName, RecordedTimes>>();
  #wanted = new Map<string, LineConfig>();
  #live: LiveServer | undefined;
  #reporting: Timer | undefined;
  #soon: Timer | undefined;
  #settling: Timer | undefined;
  #usesUdp = false;

  constructor(deps: ShardDeps) {
    const { setup, clock, log, send } = deps;
    this.#deps = deps;
    this.#batch = openEventBatch(clock, (events: readonly ArchiveEvent[]) => send({ kind: 'events', events }));
    this.#recording = openRecordingVolume(setup.target);
    this.#writes = openWriteMeter(this.#recording, clock);
    const rest = openRest({
      wake: new Int32Array(setup.wake),
      // Over UDP nobody reads while the thread sleeps, and the system's buffers are small. What a disk answers is heard only when awake:
      // asleep, a round of syncs would take a rest for each file.
      mayRest: () => !this.#usesUdp && this.#viewers() === 0 && this.#writes.underWay === 0,
      afterReads: (call) => void setImmediate(call),
      nowMs: () => clock.monotonicMs(),
      block: (wake, seen, ms) => void Atomics.wait(wake, 0, seen, ms),
    });
    this.#lineDeps = {
      onRead: (sizeBytes) => rest.onRead(sizeBytes),
      clock,
      log,
      volume: this.#writes.volume,
      demoFolder: setup.demoFolder,
      emit: (event) => this.#batch.add(event),
      onChange: () => (this.#soon ??= clock.after(reportSoonMs, () => this.#report())),
      ...(setup.pinsFolder === undefined ? {} : { pins: openCertificatePins(setup.pinsFolder) }),
      ...(setup.stallMs === undefined ? {} : { times: { mediaMs: setup.stallMs } }),
    };
  }

  async open(): Promise<void> {
    const { setup, clock, log, send } = this.#deps;
    this.#live = await openLiveServer({
      socketPath: setup.socketPath,
      findStream: (camera, name) => this.#lines.get(camera)?.findStream(name),
      clock,
      log,
      ice: readIceSettings(process.env, {
        shard: setup.index,
        shards: Math.max(availableParallelism(), setup.index + 1),
      }),
      warmUp: true,
    });
    this.#reporting = clock.every(reportEveryMs, () => this.#report());
    this.#settling = settleNowAndThen(clock, settleTimes, () => this.#viewers() === 0);
    send({ kind: 'ready' });
  }

  take(message: ToShard): void {
    switch (message.kind) {
      case 'apply':
        this.#takeRecorded(message.recorded);
        this.#apply(message.cameras);
        break;
      case 'ask':
        void this.#answer(message.id, message.verb, message.args);
        break;
      case 'target':
        this.#recording.setTarget(message.target);
        break;
      case 'close':
        void this.#close();
        break;
    }
  }

  #viewers(): number {
    return this.#live?.stats().leases.length ?? 0;
  }

  #takeRecorded(recorded: readonly RecordedStretch[]): void {
    const names = new Map(recorded.map((stretch) => [`${stretch.camera} ${stretch.stream}`, stretch]));
    for (const { camera, stream } of names.values())
      this.#findRecorded(camera)[stream].addAll(
        recorded.filter((stretch) => stretch.camera === camera && stretch.stream === stream),
      );
  }

  #findRecorded(camera: string): Record<StreamName, RecordedTimes> {
    const found = this.#recorded.get(camera) ?? { main: new RecordedTimes(), sub: new RecordedTimes() };
    this.#recorded.set(camera, found);
    return found;
  }

  /** Opens what is new, closes what is gone, and does both for what has changed. */
  #apply(cameras: readonly LineConfig[]): void {
    this.#wanted = new Map(cameras.map((camera) => [camera.id, camera]));
    this.#usesUdp ||= cameras.some(({ transport }) => transport === 'udp');
    for (const [id, line] of this.#lines) {
      const { recording: wantedPlan, ...wanted } = this.#wanted.get(id) ?? {};
      const { recording: plan, ...config } = line.config;
      if (isDeepStrictEqual(config, wanted)) {
        if (!isDeepStrictEqual(plan, wantedPlan)) line.setPlan(wantedPlan);
        continue;
      }
      this.#lines.delete(id);
      const closed = line
        .close()
        .catch((error: unknown) => this.#deps.log.error('A line did not close', { camera: id, error }));
      this.#closing.set(
        id,
        closed.then(() => {
          this.#closing.delete(id);
          this.#openWanted(id);
        }),
      );
    }
    for (const id of this.#wanted.keys()) this.#openWanted(id);
    this.#report();
  }

  #openWanted(id: string): void {
    const config = this.#wanted.get(id);
    if (!config && !this.#closing.has(id)) this.#recorded.delete(id);
    if (!config || this.#lines.has(id) || this.#closing.has(id)) return;
    const findRecorded = (stream: StreamName): RecordedTimes => this.#findRecorded(id)[stream];
    this.#lines.set(id, openLine(config, { ...this.#lineDeps, findRecorded }));
  }

  #report(): void {
    this.#soon?.cancel();
    this.#soon = undefined;
    const reports = [...this.#lines.values()].map((line) => line.report());
    this.#usesUdp = reports.some(({ streams }) => streams.some(({ transport }) => transport === 'udp'));
    this.#deps.send({ kind: 'reports', reports, viewers: this.#viewers(), writes: this.#writes.figures() });
  }

  async #answer(id: number, verb: ShardVerb, args: ShardQuestions[ShardVerb]['ask']): Promise<void> {
    try {
      const answers: { [Verb in ShardVerb]: (ask: ShardQuestions[Verb]['ask']) => unknown } = {
        'key-frame': ({ camera, stream }) => toKeyFrame(this.#lines.get(camera)?.findStream(stream)),
        'test-source': ({ sources }) => testSource(sources, this.#sourceDeps()),
        'open-whep': ({ offer, ...request }) => this.#live?.whep(offer, request),
        'close-lease': ({ lease, sid }) => this.#live?.closeLease(lease, sid) ?? false,
        'line-closed': async ({ camera }) => {
          await this.#closing.get(camera);
          return !this.#lines.has(camera);
        },
        trigger: ({ camera, trigger }) => this.#noted(this.#getLine(camera).trigger(trigger)),
        'end-trigger': ({ camera, event }) => this.#noted(this.#getLine(camera).endTrigger(event)),
        'close-sessions': ({ sids }) => this.#live?.closeSessions(sids) ?? 0,
      };
      const result: unknown = await answers[verb](args as never);
      this.#deps.send({ kind: 'answer', id, result });
    } catch (thrown) {
      const { kind, message, fix } = toHouseError(thrown);
      if (kind === 'internal') this.#deps.log.error('A question to a shard failed', { verb, error: thrown });
      this.#deps.send({ kind: 'failure', id, error: { kind, message, ...(fix === undefined ? {} : { fix }) } });
    }
  }

  /** What is answered is in the index by then. */
  #noted<Answer>(answer: Answer): Answer {
    this.#batch.flush();
    return answer;
  }

  #getLine(camera: CameraId): Line {
    const line = this.#lines.get(camera);
    if (line) return line;
    throw new HouseError('unavailable', 'The camera is being set up', { fix: 'Try again in a few seconds.' });
  }

  #sourceDeps(): SourceDeps {
    const { clock, log, setup } = this.#deps;
    return { clock, log, demoFolder: setup.demoFolder };
  }

  async #close(): Promise<void> {
    this.#wanted.clear();
    this.#reporting?.cancel();
    this.#settling?.cancel();
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    await Promise.allSettled([...lines.map((line) => line.close()), ...this.#closing.values()]);
    this.#batch.flush();
    await this.#live?.close();
    this.#deps.send({ kind: 'closed' });
  }
}
