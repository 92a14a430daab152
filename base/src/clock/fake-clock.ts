import type { Clock, Timer } from './clock.ts';

/** A clock that moves only when told to. Timers fire in order of their due time, inside `advance`. */
export type FakeClock = Clock & {
  /** Moves wall and monotonic time on together and fires what falls due; lets pending promises run in between. */
  advance(durationMs: number): Promise<void>;
  /** Steps the wall clock only, as NTP or a person would. */
  stepWall(deltaMs: number): void;
  /** Timers still waiting, for leak checks. */
  readonly pendingTimers: number;
};

type Entry = { dueMs: number; order: number; periodMs: number | undefined; callback: () => void };

/** Opens a fake clock at the given wall time (default 2026-01-01T00:00:00Z). */
export function openFakeClock(startWallMs = Date.UTC(2026, 0, 1)): FakeClock {
  let monotonicNow = 0;
  let wallOffset = startWallMs;
  let order = 0;
  const entries = new Set<Entry>();

  const add = (delayMs: number, periodMs: number | undefined, callback: () => void): Timer => {
    const entry: Entry = { dueMs: monotonicNow + Math.max(0, delayMs), order: order++, periodMs, callback };
    entries.add(entry);
    return { cancel: () => void entries.delete(entry) };
  };
  const next = (untilMs: number): Entry | undefined => {
    let best: Entry | undefined;
    for (const entry of entries) {
      if (entry.dueMs > untilMs) continue;
      if (!best || entry.dueMs < best.dueMs || (entry.dueMs === best.dueMs && entry.order < best.order)) best = entry;
    }
    return best;
  };
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 5; round++) await new Promise((resolve) => setImmediate(resolve));
  };

  return {
    nowMs: () => Math.floor(wallOffset + monotonicNow),
    monotonicMs: () => monotonicNow,
    after: (delayMs, callback) => add(delayMs, undefined, callback),
    every: (periodMs, callback) => add(periodMs, periodMs, callback),
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error);
          return;
        }
        const timer = add(delayMs, undefined, resolve);
        signal?.addEventListener('abort', () => (timer.cancel(), reject(signal.reason as Error)), { once: true });
      }),
    async advance(durationMs) {
      const untilMs = monotonicNow + durationMs;
      await settle();
      for (let entry = next(untilMs); entry; entry = next(untilMs)) {
        monotonicNow = Math.max(monotonicNow, entry.dueMs);
        if (entry.periodMs === undefined) entries.delete(entry);
        else entry.dueMs += entry.periodMs;
        entry.callback();
        await settle();
      }
      monotonicNow = untilMs;
    },
    stepWall: (deltaMs) => void (wallOffset += deltaMs),
    get pendingTimers() {
      return entries.size;
    },
  };
}
