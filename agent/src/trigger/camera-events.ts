import { randomBytes } from 'node:crypto';
import type { EventNoted } from '#archive';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { eventIdSchema, type HouseEvent, type Trigger, type Triggered } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import type { RecordingPlan } from '@porchlight/contract/recording-plan';
import type { StreamGate } from './stream-gate.ts';

/** What a camera's events are kept with. */
export type CameraEventsOptions = {
  readonly camera: CameraId;
  readonly clock: Clock;
  readonly plan: () => RecordingPlan;
  readonly gates: () => readonly StreamGate[];
  /** Told when an event begins and whenever it changes. Must not throw. */
  readonly emit: (event: EventNoted) => void;
};

/** A camera's events: triggers that overlap are one. */
export type CameraEvents = {
  /** Throws `HouseError`: `invalid` for a time that is too far away, `conflict` when the plan records nothing now. */
  trigger(trigger: Trigger): Triggered;
  /** A lasting trigger is over. Throws `HouseError` not-found for an event that is not going on. */
  end(id: string): Triggered;
  /** Nothing is recorded from now on. */
  cut(): void;
};

type Going = Omit<HouseEvent, 'open' | 'label'> & { readonly label: string | undefined; readonly lasting: boolean };

const oldestMs = 60_000;
/** Clocks of sources may be ahead by so much. */
const aheadMs = 5_000;
/** A lasting event is noted this often, so that little of it is claimed that never was when the agent ends badly. */
const noteEveryMs = 5_000;
/** So far ahead is the end that is noted of it, at least: it must not seem over between two notes. */
const aheadOfNoteMs = 2 * noteEveryMs;

/** Opens the events of a camera. */
export function openCameraEvents(options: CameraEventsOptions): CameraEvents {
  return new EventLine(options);
}

class EventLine implements CameraEvents {
  readonly #options: CameraEventsOptions;
  #going: Going | undefined;
  #timer: Timer | undefined;

  constructor(options: CameraEventsOptions) {
    this.#options = options;
  }

  trigger(trigger: Trigger): Triggered {
    const nowMs = this.#options.clock.nowMs();
    const atMs = trigger.atMs ?? nowMs;
    checkTime(atMs, nowMs);
    if (this.#options.gates().every(({ mode }) => mode === 'off'))
      throw new HouseError('conflict', 'The plan of this camera records nothing now, events neither', {
        fix: 'Change its recording plan, or wait until the plan records again.',
      });
    const merged = this.#merge(trigger, atMs);
    if (!merged) this.#begin(trigger, atMs);
    this.#watch();
    return this.#tell(merged);
  }

  end(id: string): Triggered {
    const going = this.#going;
    const nowMs = this.#options.clock.nowMs();
    if (going?.id !== id || going.toMs <= nowMs)
      throw new HouseError('not-found', 'This event is not going on (any more)', { fix: 'List the events.' });
    if (going.lasting) {
      const toMs = Math.min(this.#limitMs(going), nowMs + this.#options.plan().postRollMs);
      this.#going = { ...going, lasting: false, toMs };
      for (const gate of this.#options.gates()) gate.shorten(toMs);
      this.#watch();
    }
    return this.#tell(true);
  }

  cut(): void {
    const going = this.#going;
    const nowMs = this.#options.clock.nowMs();
    this.#going = undefined;
    this.#watch();
    if (!going || going.toMs <= nowMs) return;
    for (const gate of this.#options.gates()) gate.shorten(nowMs);
    this.#options.emit(toNoted(this.#options.camera, { ...going, toMs: nowMs }));
  }

  /** True when the trigger became part of the event that goes on. */
  #merge({ lasting = false }: Trigger, atMs: number): boolean {
    const going = this.#going;
    if (!going) return false;
    const { preRollMs, postRollMs } = this.#options.plan();
    const toMs = atMs + (lasting ? Math.max(postRollMs, aheadOfNoteMs) : postRollMs);
    if (atMs - preRollMs > going.toMs || toMs < going.fromMs || toMs > this.#limitMs(going)) return false;
    this.#going = {
      ...going,
      lasting: lasting || going.lasting,
      toMs: Math.max(going.toMs, toMs),
      triggers: going.triggers + 1,
    };
    return true;
  }

  /** A new event; it begins where the one before ends if they meet. */
  #begin({ kind, label, lasting = false }: Trigger, atMs: number): void {
    const { preRollMs, postRollMs } = this.#options.plan();
    const before = this.#going;
    if (before && before.fromMs < atMs && atMs < before.toMs) {
      // Too long to go on with: cut in two at the trigger.
      this.#going = { ...before, lasting: false, toMs: atMs };
      this.#options.emit(toNoted(this.#options.camera, this.#going));
    }
    const fromMs = Math.min(atMs, Math.max(atMs - preRollMs, this.#going?.toMs ?? 0));
    const id = eventIdSchema.parse(`${atMs.toString(36)}-${randomBytes(4).toString('hex')}`);
    this.#going = {
      id,
      kind,
      label,
      atMs,
      fromMs,
      toMs: atMs + (lasting ? Math.max(postRollMs, aheadOfNoteMs) : postRollMs),
      triggers: 1,
      lasting,
    };
  }

  #limitMs({ fromMs }: Going): number {
    return fromMs + this.#options.plan().longestEventMs;
  }

  /** Notes a lasting event as it grows, and ends it when it is as long as it may be. */
  #watch(): void {
    const lasting = this.#going?.lasting ?? false;
    if (!lasting) {
      this.#timer?.cancel();
      this.#timer = undefined;
    } else this.#timer ??= this.#options.clock.every(noteEveryMs, () => this.#grow());
  }

  #grow(): void {
    const { clock, plan, camera, emit } = this.#options;
    const going = this.#going;
    if (!going?.lasting) return this.#watch();
    const limitMs = this.#limitMs(going);
    const toMs = Math.min(limitMs, Math.max(going.toMs, clock.nowMs() + Math.max(plan().postRollMs, aheadOfNoteMs)));
    this.#going = { ...going, toMs, lasting: toMs < limitMs };
    emit(toNoted(camera, this.#going));
    this.#watch();
  }

  #tell(merged: boolean): Triggered {
    const { camera, clock, gates, emit } = this.#options;
    const going = this.#going!;
    const untilMs = going.lasting ? this.#limitMs(going) : going.toMs;
    const wanted = gates().filter(({ mode }) => mode !== 'off');
    for (const gate of wanted) gate.record(going.fromMs, untilMs);
    emit(toNoted(camera, going));
    const event = toEvent(going, clock.nowMs());
    if (wanted.some(({ flowing }) => flowing)) return { event, merged, recording: true };
    const message = 'The camera is not sending: the event is noted, and recorded if the camera is back before it ends.';
    return { event, merged, recording: false, reason: 'camera-offline', message };
  }
}

function checkTime(atMs: number, nowMs: number): void {
  if (atMs > nowMs + aheadMs)
    throw new HouseError('invalid', 'The trigger is in the future', {
      fix: 'Leave `atMs` out, or set the clock right.',
    });
  if (atMs < nowMs - oldestMs)
    throw new HouseError('invalid', 'The trigger is more than a minute old', {
      fix: 'Tell triggers when they happen; what is recorded already can be exported.',
    });
}

function toEvent({ id, kind, label, atMs, fromMs, toMs, triggers }: Going, nowMs: number): HouseEvent {
  const named = label === undefined ? {} : { label };
  return { id, kind, ...named, atMs, fromMs, toMs, triggers, open: nowMs < toMs };
}

function toNoted(camera: CameraId, { id, kind, label, atMs, fromMs, toMs, triggers }: Going): EventNoted {
  const named = label === undefined ? {} : { label };
  return { kind: 'event', camera, id, trigger: kind, ...named, atMs, fromMs, toMs, triggers };
}
