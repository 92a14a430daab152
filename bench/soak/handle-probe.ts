/**
 * Preloaded into an agent (`--import`): counts, thread by thread, what no other process can see. On SIGUSR2 the main thread writes all
 * counts as JSON to the file that HANDLE_PROBE names. Timers are those of the program itself, unreferenced ones too; Node's own are not among them.
 */
import { writeFileSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

export type ThreadHoldings = {
  readonly thread: number;
  readonly timers: number;
  /** How many were wanted where. */
  readonly wantedBy: Readonly<Record<string, number>>;
  /** Of Node, what keeps the thread running, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  readonly heapMiB: number;
  /** What V8 holds of the machine for the heap. */
  readonly committedMiB: number;
  readonly buffersMiB: number;
};

const answerMs = 1500;
/** Timers that run, with the place in the program that wanted them. */
const pending = new Map<unknown, string>();
const { setTimeout: timeout, setInterval: interval, clearTimeout: clear, clearInterval: clearEvery } = globalThis;

/** The first line of the stack outside this file and the clock. */
function wantedBy(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1);
  const line = lines.find((text) => !/handle-probe|base\/src\/clock/.test(text)) ?? '';
  return /([^/]+\/[^/]+:\d+):\d+\)?$/.exec(line)?.[1] ?? line.trim();
}

globalThis.setTimeout = Object.assign(
  (callback: (...given: unknown[]) => void, delayMs?: number, ...given: unknown[]) => {
    const timer = timeout(() => {
      pending.delete(timer);
      callback(...given);
    }, delayMs);
    pending.set(timer, wantedBy());
    return timer;
  },
  timeout,
) as typeof timeout;
globalThis.setInterval = ((callback: () => void, periodMs?: number) => {
  const timer = interval(callback, periodMs);
  pending.set(timer, wantedBy());
  return timer;
}) as typeof interval;
globalThis.clearTimeout = (timer) => {
  pending.delete(timer);
  clear(timer);
};
globalThis.clearInterval = (timer) => {
  pending.delete(timer);
  clearEvery(timer);
};

function tally(names: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function count(): ThreadHoldings {
  const resources = tally(process.getActiveResourcesInfo());
  const { heapUsed, heapTotal, arrayBuffers } = process.memoryUsage();
  const toMiB = (bytes: number): number => Math.round((bytes / 2 ** 20) * 10) / 10;
  return {
    ...{ thread: threadId, timers: pending.size, wantedBy: tally(pending.values()), resources },
    ...{ heapMiB: toMiB(heapUsed), committedMiB: toMiB(heapTotal), buffersMiB: toMiB(arrayBuffers) },
  };
}

type Message = { readonly ask: true } | { readonly holdings: ThreadHoldings };

const path = process.env['HANDLE_PROBE'];
if (path !== undefined) {
  const channel = new BroadcastChannel('handle-probe');
  // Node's own channels can let the process end; the type of the browser's does not say so.
  (channel as unknown as { unref(): void }).unref();
  const answers: ThreadHoldings[] = [];
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if ('holdings' in data) answers.push(data.holdings);
    else channel.postMessage({ holdings: count() });
  };
  if (isMainThread)
    process.on('SIGUSR2', () => {
      answers.length = 0;
      channel.postMessage({ ask: true });
      timeout(() => writeFileSync(path, JSON.stringify([count(), ...answers])), answerMs).unref();
    });
}
