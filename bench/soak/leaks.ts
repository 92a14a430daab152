/** What a process holds: timers, sockets, open files, memory after a collection. */
import { readdirSync, readlinkSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { systemClock, type Clock, type Timer } from '../../base/src/clock/index.ts';

/** The system's clock that knows how many of its timers are pending; they do not show among Node's own resources, being unreferenced. */
export type CountingClock = Clock & { readonly pendingTimers: number };

export function openCountingClock(): CountingClock {
  const pending = new Set<object>();
  const counted = (open: (done: () => void) => Timer): Timer => {
    const token = {};
    pending.add(token);
    const done = (): void => void pending.delete(token);
    const timer = open(done);
    return { cancel: () => (done(), timer.cancel()) };
  };
  return {
    ...systemClock,
    after: (delayMs, callback) => counted((done) => systemClock.after(delayMs, () => (done(), callback()))),
    every: (periodMs, callback) => counted(() => systemClock.every(periodMs, callback)),
    async sleep(delayMs, signal) {
      const token = {};
      pending.add(token);
      try {
        await systemClock.sleep(delayMs, signal);
      } finally {
        pending.delete(token);
      }
    },
    get pendingTimers() {
      return pending.size;
    },
  };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is held now. */
export type Holdings = {
  readonly timers: number;
  readonly sockets: number;
  readonly files: number;
  readonly heapMiB: number;
  readonly buffersMiB: number;
};

const toMiB = (bytes: number): number => Math.round((bytes / 2 ** 20) * 100) / 100;

/** Counts what this process holds; collects garbage first. */
export function countHoldings(clock: CountingClock): Holdings {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo();
  return {
    timers: clock.pendingTimers,
    sockets: resources.filter((name) => /TCP|UDP|TLS/.test(name)).length,
    files: openFiles(),
    heapMiB: toMiB(heapUsed),
    buffersMiB: toMiB(arrayBuffers),
  };
}

/** Open regular files and sockets; pipes and the like come and go with Node's own machinery. Linux only, 0 elsewhere. */
function openFiles(): number {
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return /^(socket:|\/(?!dev|proc))/.test(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  }).length;
}

/** Counts until no more handles are held than `than` says, or the time is over: minutes end, sockets linger, rounds of syncing run. */
export async function settleHoldings(
  clock: CountingClock,
  than: Holdings | undefined,
  longestMs: number,
): Promise<Holdings> {
  const untilMs = clock.monotonicMs() + longestMs;
  for (;;) {
    await systemClock.sleep(2000);
    const now = countHoldings(clock);
    const settled = than && now.timers <= than.timers && now.sockets <= than.sockets && now.files <= than.files;
    if (settled || clock.monotonicMs() > untilMs) return now;
  }
}
