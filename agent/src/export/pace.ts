import type { Clock } from '@porchlight/base/clock';

/** Holds work back so that recording keeps the disk and the processor. */
export type Pace = {
  /** Waits as long as work of so many bytes must; rejects with the signal's reason. */
  take(sizeBytes: number, signal: AbortSignal): Promise<void>;
};

/** About 160 Mbit/s: 80 times as fast as a camera of 2 Mbit/s records, and a small part of what any disk can do. */
export const usualBytesPerSecond = 20 << 20;
const burstMs = 50;

/** Opens a pace. Work that came slower than it may has nothing to make up for: no rush follows a wait. */
export function openPace(clock: Clock, bytesPerSecond = usualBytesPerSecond): Pace {
  let dueMs = clock.monotonicMs();
  return {
    async take(sizeBytes, signal) {
      signal.throwIfAborted();
      dueMs = Math.max(dueMs, clock.monotonicMs()) + (sizeBytes * 1000) / bytesPerSecond;
      const aheadMs = dueMs - clock.monotonicMs();
      if (aheadMs > burstMs) await clock.sleep(aheadMs, signal);
    },
  };
}
