import type { Recorder } from '#recorder';
import type { StreamReader, StreamRun, TimedFrame } from '#stream';
import type { Clock } from '@porchlight/base/clock';
import type { GapReason } from '@porchlight/contract/recordings';
import type { RecordingMode } from '@porchlight/contract/recording-plan';
import { EventRing, type RingTracks } from './event-ring.ts';

/** What a gate is opened with. */
export type StreamGateOptions = {
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly mode: RecordingMode;
  /** How much a ring keeps before a trigger. */
  readonly preRollMs: number;
};

/**
 * Stands between a stream and its recorder and lets through what the mode asks for. It tells the recorder why there is no footage, so that the
 * ledger knows. Recording begins at a key frame and ends at one: what comes after it is in the ring whole.
 */
export type StreamGate = StreamReader & {
  readonly mode: RecordingMode;
  /** The camera sends, so that what is asked for now is recorded. */
  readonly flowing: boolean;
  /** Bytes that wait for a trigger; 0 unless the mode is `events`. */
  readonly ringBytes: number;
  setMode(mode: RecordingMode, preRollMs: number): void;
  /** An event: from the last key frame at or before `fromMs` to the first after `untilMs`. Again: it lasts longer. */
  record(fromMs: number, untilMs: number): void;
  /** The event that is recorded ends sooner. */
  shorten(untilMs: number): void;
  close(): Promise<void>;
};

/** Opens a gate. */
export function openStreamGate(options: StreamGateOptions): StreamGate {
  return new RecorderGate(options);
}

class RecorderGate implements StreamGate {
  readonly #recorder: Recorder;
  readonly #clock: Clock;
  mode: RecordingMode;
  #ring: EventRing | undefined;
  #now: RingTracks | undefined;
  /** What the recorder was last told. */
  #told: RingTracks | undefined;
  /** In mode `events`: frames go to the recorder, not into the ring. */
  #recording = false;
  #untilMs = 0;
  #closed = false;

  constructor({ recorder, clock, mode, preRollMs }: StreamGateOptions) {
    this.#recorder = recorder;
    this.#clock = clock;
    this.mode = mode;
    if (mode === 'events') this.#ring = new EventRing(preRollMs);
    if (mode === 'off') this.#tellGap('paused-by', clock.nowMs());
  }

  get flowing(): boolean {
    return this.#now !== undefined;
  }

  get ringBytes(): number {
    return this.#ring?.sizeBytes ?? 0;
  }

  onTracks(tracks: RingTracks['tracks'], run: StreamRun): void {
    const newRun = run.id !== this.#now?.run.id;
    this.#now = { tracks, run };
    if (newRun) this.#ring?.clear();
    if (this.mode === 'events' && newRun && !this.#recording) this.#recording = this.#untilMs > run.startWallMs;
    if (this.#passes()) this.#tell(this.#now);
    else if (newRun && this.mode === 'events') this.#tellGap('no-event', run.startWallMs);
  }

  onFrame(timed: TimedFrame): void {
    if (this.mode === 'continuous') return this.#recorder.onFrame(timed);
    const now = this.#now;
    if (this.mode === 'off' || now === undefined) return;
    const { frame, wallMs } = timed;
    if (this.#recording && frame.kind === 'video' && frame.key && wallMs >= this.#untilMs) {
      this.#recording = false;
      this.#tellGap('no-event', wallMs);
    }
    if (this.#recording) this.#recorder.onFrame(timed);
    else this.#ring?.push(timed, now);
  }

  onEnd(gap: { readonly reason: GapReason; readonly wallMs: number }): void {
    this.#now = undefined;
    this.#told = undefined;
    this.#recording = false;
    this.#ring?.clear();
    // Nothing is missing that was wanted, whatever the camera does meanwhile.
    if (this.mode !== 'off') this.#recorder.onEnd(gap);
  }

  setMode(mode: RecordingMode, preRollMs: number): void {
    const before = this.mode;
    if (this.#ring) this.#ring.keepMs = preRollMs;
    if (mode === before || this.#closed) return;
    const passed = this.#passes();
    this.mode = mode;
    if (mode === 'off') {
      this.#recording = false;
      this.#ring = undefined;
      this.#tellGap('paused-by', this.#clock.nowMs());
    } else if (mode === 'continuous') {
      if (!passed) this.#begin(Infinity);
      this.#recording = false;
      this.#ring = undefined;
    } else {
      this.#ring = new EventRing(preRollMs);
      // What is being recorded ends at a key frame, where the ring begins.
      this.#recording = passed && this.#now !== undefined;
      if (!passed && this.#now !== undefined) this.#tellGap('no-event', this.#clock.nowMs());
    }
  }

  record(fromMs: number, untilMs: number): void {
    this.#untilMs = Math.max(this.#untilMs, untilMs);
    if (this.mode !== 'events' || this.#recording || this.#now === undefined) return;
    this.#begin(fromMs);
    this.#recording = true;
  }

  shorten(untilMs: number): void {
    this.#untilMs = untilMs;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#ring = undefined;
    await this.#recorder.close();
  }

  #passes(): boolean {
    return this.mode === 'continuous' || (this.mode === 'events' && this.#recording);
  }

  /** The recorder gets what the ring has from a time on, and then what comes. */
  #begin(fromMs: number): void {
    this.#ring?.drain(fromMs, (group) => {
      this.#tell(group);
      for (const timed of group.frames) this.#recorder.onFrame(timed);
    });
    if (this.#now) this.#tell(this.#now);
  }

  #tell(next: RingTracks): void {
    if (this.#told?.run.id === next.run.id && this.#told.tracks === next.tracks) return;
    this.#told = next;
    this.#recorder.onTracks(next.tracks, next.run);
  }

  #tellGap(reason: GapReason, wallMs: number): void {
    this.#told = undefined;
    this.#recorder.onEnd({ reason, wallMs: Math.round(wallMs) });
  }
}
