import type { EventNoted } from '#archive';
import type { Recorder } from '#recorder';
import type { Clock } from '@porchlight/base/clock';
import type { StreamName } from '@porchlight/contract/camera';
import type { Trigger, Triggered } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import type { RecordingPlan } from '@porchlight/contract/recording-plan';
import { openCameraEvents, type CameraEvents } from './camera-events.ts';
import { openPlanClock, type PlanClock, type StreamModes } from './plan-clock.ts';
import { openStreamGate, type StreamGate } from './stream-gate.ts';

/** What the recording of a camera is opened with. */
export type CameraRecordingOptions = {
  readonly camera: CameraId;
  readonly plan: RecordingPlan;
  readonly clock: Clock;
  /** Told of events. Must not throw. */
  readonly emit: (event: EventNoted) => void;
};

/** A camera's plan put to work: a gate before each of its recorders, and the events that open them. */
export type CameraRecording = {
  /** How each stream is recorded now. */
  readonly modes: StreamModes;
  /** The reader that the stream is to have instead of its recorder. */
  openGate(stream: StreamName, recorder: Recorder): StreamGate;
  setPlan(plan: RecordingPlan): void;
  readonly trigger: CameraEvents['trigger'];
  readonly end: CameraEvents['end'];
  /** Ends the events and the plan; gates are closed by whoever opened them. */
  close(): void;
};

/** Opens the recording of a camera. */
export function openCameraRecording(options: CameraRecordingOptions): CameraRecording {
  return new PlannedRecording(options);
}

class PlannedRecording implements CameraRecording {
  readonly #options: CameraRecordingOptions;
  readonly #gates = new Map<StreamName, StreamGate>();
  readonly #events: CameraEvents;
  readonly #planClock: PlanClock;
  #plan: RecordingPlan;

  constructor(options: CameraRecordingOptions) {
    const { camera, plan, clock, emit } = options;
    this.#options = options;
    this.#plan = plan;
    this.#events = openCameraEvents({
      camera,
      clock,
      emit,
      plan: () => this.#plan,
      gates: () => [...this.#gates.values()],
    });
    this.#planClock = openPlanClock(plan, { clock, onModes: () => this.#apply() });
  }

  get modes(): StreamModes {
    return this.#planClock.modes;
  }

  openGate(stream: StreamName, recorder: Recorder): StreamGate {
    const gate = openStreamGate({
      recorder,
      clock: this.#options.clock,
      mode: this.modes[stream],
      preRollMs: this.#plan.preRollMs,
    });
    this.#gates.set(stream, gate);
    return gate;
  }

  setPlan(plan: RecordingPlan): void {
    this.#plan = plan;
    this.#planClock.setPlan(plan);
    this.#apply();
  }

  trigger(trigger: Trigger): Triggered {
    return this.#events.trigger(trigger);
  }

  end(id: string): Triggered {
    return this.#events.end(id);
  }

  close(): void {
    this.#planClock.close();
    this.#events.cut();
  }

  #apply(): void {
    for (const [stream, gate] of this.#gates) gate.setMode(this.modes[stream], this.#plan.preRollMs);
    if ([...this.#gates.values()].every(({ mode }) => mode === 'off')) this.#events.cut();
  }
}
