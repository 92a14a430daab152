import { openArchive, type Archive, type ArchiveOptions } from '#archive';
import { openRecorder, type Recorder } from '#recorder';
import { openFakeVolume, type FakeVolume, type VolumeSet } from '#volume';
import { openFakeClock, type Clock, type FakeClock, type Timer } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import type { StreamName } from '@porchlight/contract/camera';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { mainVolume, type FootageBudget, type StorageConfig } from '@porchlight/contract/storage';
import { openDrawnSource, type DrawnSourceOptions } from './drawn-source.ts';
import { openFeed, type Feed } from './feed.ts';

export const yard = cameraIdSchema.parse('yard');
export const porch = cameraIdSchema.parse('porch');
export const midnight = Date.UTC(2026, 0, 1);
export const day = 86_400_000;

/** An agent's footage: archive, recorders, clock, all in memory but the index. */
export class House {
  readonly folder = openTempFolder();
  readonly log = openFakeLog();
  readonly volume: FakeVolume;
  readonly clock: FakeClock;
  /** Several volumes in place of the one. */
  volumes: VolumeSet | undefined;
  archive!: Archive;
  feed!: Feed;
  recorder!: Recorder;
  runs = 0;
  /** Tables of others in the index. */
  attach: ArchiveOptions['attach'];
  #timers = new Set<Timer>();

  constructor(options: { capacityBytes?: number; atMs?: number } = {}) {
    this.volume = openFakeVolume(options);
    this.clock = openFakeClock(options.atMs ?? midnight + 30_000);
  }

  async start(bootId = 'boot-1'): Promise<Archive> {
    const { log } = this;
    const volume = this.volumes ?? this.volume;
    const timers = (this.#timers = new Set());
    const keep = (timer: Timer): Timer => (timers.add(timer), timer);
    const clock: Clock = {
      ...this.clock,
      every: (periodMs, call) => keep(this.clock.every(periodMs, call)),
      after: (delayMs, call) => keep(this.clock.after(delayMs, call)),
    };
    const attach = this.attach === undefined ? {} : { attach: this.attach };
    this.archive = await openArchive({ folder: this.folder.path, volume, clock, log, bootId, ...attach });
    return this.archive;
  }

  record(camera: CameraId = yard, options: DrawnSourceOptions & { stream?: StreamName } = {}): Feed {
    const { volume, clock, log } = this;
    const archive = this.archive;
    this.recorder = openRecorder({
      camera,
      stream: options.stream ?? 'main',
      volume,
      clock,
      log,
      emit: (event) => archive.note(event),
    });
    this.feed = openFeed({ source: openDrawnSource(options), reader: this.recorder, clock });
    this.feed.run = { id: `run-${++this.runs}`, startWallMs: clock.nowMs() };
    this.recorder.onTracks(this.feed.tracks, this.feed.run);
    return this.feed;
  }

  /** As `kill -9`: nothing is told, nothing is finished, only the index's own connection is left behind. */
  abandon(): void {
    const archive = this.archive;
    this.recorder.onFrame = () => undefined;
    archive.note = () => undefined;
    for (const timer of this.#timers) timer.cancel();
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}

/** One volume with so many bytes of footage. */
export const cap = (bytes: number, budget: FootageBudget = {}): StorageConfig => ({
  volumes: [{ id: mainVolume, bytes }],
  budget,
});

/** All that is known of the camera's day. */
export const span = (archive: Archive, camera: CameraId = yard): ReturnType<Archive['findSpans']> =>
  archive.findSpans(camera, midnight, midnight + day);
