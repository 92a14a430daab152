import type { Clock, Timer } from '@porchlight/base/clock';
import type { CameraReport } from '@porchlight/contract/agent';
import type { StorageStatus } from '@porchlight/contract/storage';
import { maxPayloadBytes } from '@porchlight/contract/topics';

export type ReporterOptions = {
  readonly clock: Clock;
  reports(): readonly CameraReport[];
  storage?(): StorageStatus | undefined;
  revision(): number;
  send(body: object): void;
};

const shortestMs = 1000;
const allAgainMs = 10_000;
const envelopeBytes = 1024;

/** Tells how cameras are: all of them after each connect and every 10 s, in between what changed, at most once a second. */
export function openReporter(options: ReporterOptions) {
  const { clock } = options;
  const told = new Map<string, string>();
  let everyTimer: Timer | undefined;
  let restTimer: Timer | undefined;
  let again = false;
  let toldStorage: string | undefined;

  const send = (all: boolean): void => {
    const texts = options.reports().map((report) => ({ report, text: JSON.stringify(report) }));
    const news = texts.filter(({ report, text }) => all || told.get(report.id) !== text);
    told.clear();
    for (const { report, text } of texts) told.set(report.id, text);
    for (const cameras of toMessages(news)) options.send({ revision: options.revision(), cameras });
    const storage = options.storage?.();
    const text = JSON.stringify(storage);
    if (storage === undefined || (!all && text === toldStorage)) return;
    toldStorage = text;
    options.send({ revision: options.revision(), cameras: [], storage });
  };
  const rest = (): void => {
    restTimer = clock.after(shortestMs, () => {
      restTimer = undefined;
      if (!again) return;
      again = false;
      send(false);
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
      send(true);
      everyTimer = clock.every(allAgainMs, () => send(true));
      rest();
    },
    /** Something changed. */
    report(): void {
      if (!everyTimer) return;
      if (restTimer) again = true;
      else {
        send(false);
        rest();
      }
    },
    stop,
  };
}

type Written = { readonly report: CameraReport; readonly text: string };

/** Divides reports so that each message fits. */
function toMessages(news: readonly Written[]): CameraReport[][] {
  const messages: CameraReport[][] = [];
  let sizeBytes = Infinity;
  for (const { report, text } of news) {
    const reportBytes = Buffer.byteLength(text) + 1;
    if (sizeBytes + reportBytes > maxPayloadBytes - envelopeBytes) {
      messages.push([]);
      sizeBytes = 0;
    }
    messages.at(-1)!.push(report);
    sizeBytes += reportBytes;
  }
  return messages;
}
