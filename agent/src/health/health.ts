import { randomBytes } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import { openHysteresis, type Hysteresis, type Moment } from '@porchlight/base/hysteresis';
import type { Log } from '@porchlight/base/log';
import {
  alarmIdSchema,
  mostOpenAlarms,
  type AgentAlarm,
  type AgentAlarmKind,
  type AlarmId,
} from '@porchlight/contract/alarms';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { openAlarmFile } from './alarm-file.ts';
import { alarmRules } from './alarm-rules.ts';

/** What a report is about: a camera, one of its streams, a part such as a volume, or the agent itself. */
export type Subject = { readonly cameraId?: CameraId; readonly stream?: StreamName; readonly part?: string };

/** How something is now. */
export type Observation = Subject & {
  readonly kind: AgentAlarmKind;
  readonly ok: boolean;
  /** What is wrong, as a sentence for people, in place of the rule's own words. */
  readonly message?: string | undefined;
  /** What to do about it. */
  readonly fix?: string | undefined;
};

/** Where the rooms of the agent say how things are; alarms come of it when trouble lasts. */
export type Health = {
  /**
   * Takes an observation, as often as there is one: many times a second costs little. A kind that fades (disk errors) needs no `ok: true`;
   * others stand until one comes. Never throws.
   */
  report(observation: Observation): void;
  /** Cameras that are not among these are none any more: their alarms end. */
  keepCameras(cameras: readonly CameraId[]): void;
  /** This subject is not looked at for now (a paused camera): what stands about it ends. */
  forget(subject: Subject): void;
  /** Alarms that stand now, oldest first. */
  readonly open: readonly AgentAlarm[];
  /** Alarms that ended in the last hour. */
  readonly ended: readonly AgentAlarm[];
  close(): void;
};

export type HealthOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Where alarms that stand are kept over a restart. */
  readonly path: string;
  /** An alarm began, ended or got other words. */
  readonly onChange: () => void;
};

type Trouble = {
  readonly slot: string;
  readonly subject: Subject;
  kind: AgentAlarmKind;
  readonly line: Hysteresis;
  words: { message: string; fix: string };
  alarm: AgentAlarm | undefined;
};

const settleMs = 1000;
const rememberMs = 3_600_000;
const mostEnded = 500;
const longestWords = 500;

/** Opens the state of health with the alarms that stood when the agent ended; they end when something says that all is well. */
export function openHealth(options: HealthOptions): Health {
  return new HealthState(options);
}

class HealthState implements Health {
  readonly #options: HealthOptions;
  readonly #file;
  readonly #timer;
  readonly #troubles = new Map<string, Trouble>();
  #open: AgentAlarm[] = [];
  #ended: AgentAlarm[] = [];
  #dirty = false;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#file = openAlarmFile(options.path, options.log);
    const now = this.#now();
    for (const alarm of this.#file.read().slice(0, mostOpenAlarms)) this.#resume(alarm, now);
    this.#open = this.#listOpen();
    this.#timer = options.clock.every(settleMs, () => this.#settle());
  }

  get open(): readonly AgentAlarm[] {
    return this.#open;
  }

  get ended(): readonly AgentAlarm[] {
    const fromMs = this.#options.clock.nowMs() - rememberMs;
    return this.#ended.filter(({ endMs = 0 }) => endMs >= fromMs);
  }

  report(observation: Observation): void {
    const { kind, ok } = observation;
    const rule = alarmRules[kind];
    const key = toKey(rule.slot, observation);
    let trouble = this.#troubles.get(key);
    if (!trouble) {
      if (ok || this.#troubles.size >= 4 * mostOpenAlarms) return;
      trouble = {
        ...{ slot: rule.slot, subject: toSubject(observation), kind, words: toWords(observation) },
        ...{ line: openHysteresis(rule), alarm: undefined },
      };
      this.#troubles.set(key, trouble);
    }
    trouble.line.note(ok, this.#now());
    if (ok) return;
    if (!trouble.alarm) trouble.kind = kind;
    this.#tell(trouble, toWords(observation));
  }

  keepCameras(cameras: readonly CameraId[]): void {
    const kept = new Set(cameras);
    this.#end(({ cameraId }) => cameraId !== undefined && !kept.has(cameraId));
  }

  forget(subject: Subject): void {
    this.#end((one) => (Object.keys(subject) as (keyof Subject)[]).every((key) => one[key] === subject[key]));
  }

  close(): void {
    this.#timer.cancel();
  }

  #resume(alarm: AgentAlarm, now: Moment): void {
    const rule = alarmRules[alarm.kind];
    const since = { monotonicMs: now.monotonicMs, wallMs: alarm.startMs };
    const { message, fix, kind } = alarm;
    const place = { slot: rule.slot, subject: toSubject(alarm), kind };
    const trouble = { ...place, line: openHysteresis(rule, since), words: { message, fix }, alarm };
    this.#troubles.set(toKey(rule.slot, alarm), trouble);
  }

  /** New words about an alarm that stands are passed on; figures that change every second are not news. */
  #tell(trouble: Trouble, words: Trouble['words']): void {
    const before = trouble.words;
    trouble.words = words;
    const same = withoutFigures(before.message) === withoutFigures(words.message) && before.fix === words.fix;
    if (!trouble.alarm || same) return;
    trouble.alarm = { ...trouble.alarm, ...words };
    this.#dirty = true;
  }

  #settle(): void {
    const now = this.#now();
    for (const [key, trouble] of this.#troubles) {
      const { line } = trouble;
      const wellSinceMs = line.wellSinceMs;
      switch (line.settle(now)) {
        case 'raised':
          this.#raise(trouble, now);
          break;
        case 'cleared':
          this.#clear(trouble, line.wellSinceMs ?? wellSinceMs ?? now.wallMs);
          this.#troubles.delete(key);
          break;
        case 'dropped':
          this.#troubles.delete(key);
          break;
        case undefined:
          break;
      }
    }
    this.#publish();
  }

  #raise(trouble: Trouble, now: Moment): void {
    if (this.#open.length >= mostOpenAlarms) return;
    const { kind, subject, line, words } = trouble;
    const { severity } = alarmRules[kind];
    trouble.alarm = { id: makeId(), kind, severity, ...subject, startMs: line.sinceMs ?? now.wallMs, ...words };
    this.#dirty = true;
    this.#options.log.warn('Alarm', { kind, ...subject, words: words.message });
  }

  #clear({ alarm }: Trouble, wellSinceMs: number): void {
    if (!alarm) return;
    const endMs = Math.max(alarm.startMs, Math.round(wellSinceMs));
    this.#ended = [...this.ended, { ...alarm, endMs }].slice(-mostEnded);
    this.#dirty = true;
    const { kind, cameraId, stream, part, startMs } = alarm;
    this.#options.log.info('Alarm over', { kind, ...toSubject({ cameraId, stream, part }), lastedMs: endMs - startMs });
  }

  #end(matches: (subject: Subject) => boolean): void {
    for (const [key, trouble] of this.#troubles) {
      if (!matches(trouble.subject)) continue;
      this.#clear(trouble, this.#options.clock.nowMs());
      this.#troubles.delete(key);
    }
    this.#publish();
  }

  #publish(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#open = this.#listOpen();
    this.#file.write(this.#open);
    this.#options.onChange();
  }

  #listOpen(): AgentAlarm[] {
    return [...this.#troubles.values()].flatMap(({ alarm }) => alarm ?? []).sort((a, b) => a.startMs - b.startMs);
  }

  #now(): Moment {
    const { clock } = this.#options;
    return { monotonicMs: clock.monotonicMs(), wallMs: clock.nowMs() };
  }
}

type LooseSubject = { [Key in keyof Subject]?: Subject[Key] | undefined };

function toSubject({ cameraId, stream, part }: LooseSubject): Subject {
  return {
    ...(cameraId === undefined ? {} : { cameraId }),
    ...(stream === undefined ? {} : { stream }),
    ...(part === undefined ? {} : { part: part.slice(0, 80) }),
  };
}

const toKey = (slot: string, { cameraId, stream, part }: LooseSubject): string =>
  [slot, cameraId ?? '', stream ?? '', part ?? ''].join(' ');

function toWords({ kind, message, fix }: Observation): { message: string; fix: string } {
  const rule = alarmRules[kind];
  return { message: (message ?? rule.message).slice(0, longestWords), fix: (fix ?? rule.fix).slice(0, longestWords) };
}

const withoutFigures = (text: string): string => text.replaceAll(/\d+([.,]\d+)?/g, '#');

/** 80 random bits: never twice in a house. */
function makeId(): AlarmId {
  return alarmIdSchema.parse(`a${randomBytes(10).toString('hex')}`);
}
