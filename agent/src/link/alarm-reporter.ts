import type { Clock, Timer } from '@porchlight/base/clock';
import type { AgentAlarm } from '@porchlight/contract/alarms';
import { maxPayloadBytes } from '@porchlight/contract/topics';

/** Alarms that stand, and those that ended not long ago. */
export type StandingAlarms = { readonly open: readonly AgentAlarm[]; readonly ended: readonly AgentAlarm[] };

export type AlarmReporterOptions = {
  readonly clock: Clock;
  alarms(): StandingAlarms;
  send(body: object): void;
};

const shortestMs = 1000;
const allAgainMs = 60_000;
/** Envelope, field names, commas. */
const envelopeBytes = 2048;

/** Tells the hub of alarms: all after each connect and every minute, in between what changed, at most once a second. */
export function openAlarmReporter(options: AlarmReporterOptions) {
  const { clock } = options;
  const told = new Map<string, string>();
  let everyTimer: Timer | undefined;
  let restTimer: Timer | undefined;
  let again = false;

  const tell = (all: boolean): void => {
    const { open, ended } = options.alarms();
    const texts = [...ended, ...open].map((alarm) => ({ alarm, text: JSON.stringify(alarm) }));
    const news = texts.filter(({ alarm, text }) => all || told.get(alarm.id) !== text);
    told.clear();
    for (const { alarm, text } of texts) told.set(alarm.id, text);
    const ids = open.map(({ id }) => id);
    const roomBytes = maxPayloadBytes - envelopeBytes - ids.reduce((sum, id) => sum + id.length + 3, 0);
    for (const part of toParts(news, roomBytes)) options.send({ alarms: part, open: ids });
  };
  const rest = (): void => {
    restTimer = clock.after(shortestMs, () => {
      restTimer = undefined;
      if (!again) return;
      again = false;
      tell(false);
      rest();
    });
  };
  const stop = (): void => {
    everyTimer?.cancel();
    restTimer?.cancel();
    everyTimer = restTimer = undefined;
    again = false;
  };
  return {
    /** There is a connection: tells all. */
    start(): void {
      stop();
      tell(true);
      everyTimer = clock.every(allAgainMs, () => tell(true));
      rest();
    },
    /** Something changed. */
    report(): void {
      if (!everyTimer) return;
      if (restTimer) again = true;
      else {
        tell(false);
        rest();
      }
    },
    stop,
  };
}

type Written = { readonly alarm: AgentAlarm; readonly text: string };

/** Divides alarms so that each message fits; one message at least, for the list of what stands. */
function toParts(news: readonly Written[], roomBytes: number): AgentAlarm[][] {
  const parts: AgentAlarm[][] = [[]];
  let sizeBytes = 0;
  for (const { alarm, text } of news) {
    const alarmBytes = Buffer.byteLength(text) + 1;
    if (sizeBytes + alarmBytes > roomBytes && parts.at(-1)!.length > 0) {
      parts.push([]);
      sizeBytes = 0;
    }
    parts.at(-1)!.push(alarm);
    sizeBytes += alarmBytes;
  }
  return parts;
}
