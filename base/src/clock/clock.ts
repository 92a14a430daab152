/** A running timer; `cancel` is safe to call twice. */
export type Timer = { cancel(): void };

/** The only source of time. Wall time may step; monotonic time never goes back. */
export interface Clock {
  /** Wall time, integer milliseconds UTC. */
  nowMs(): number;
  /** Monotonic time in milliseconds since an arbitrary start, with fractions. */
  monotonicMs(): number;
  /** Calls back once after `delayMs`. Does not keep the process alive by itself. */
  after(delayMs: number, callback: () => void): Timer;
  /** Calls back every `periodMs`. Does not keep the process alive by itself. */
  every(periodMs: number, callback: () => void): Timer;
  /** Resolves after `delayMs`, or rejects with the signal's reason when aborted. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    handle.unref();
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, callback) {
    const handle = setInterval(callback, periodMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
  sleep(delayMs, signal) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(handle);
        reject(signal?.reason as Error);
      };
      const handle = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      }, delayMs);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  },
};
