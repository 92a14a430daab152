/** How long to wait before trying again. */
export type Backoff = {
  /** The next delay in milliseconds; each is drawn from a range twice as long as the one before. */
  nextMs(): number;
  /** Back to the first delay: something worked. */
  reset(): void;
};

export type BackoffOptions = {
  readonly firstMs: number;
  readonly longestMs: number;
  /** From 0 up to 1; tests give their own. */
  readonly random?: () => number;
};

/** Opens a backoff with "equal jitter": half of each delay is fixed, half is random, so that many never retry in step. */
export function openBackoff(options: BackoffOptions): Backoff {
  const random = options.random ?? Math.random;
  let rangeMs = options.firstMs;
  return {
    nextMs() {
      const current = rangeMs;
      rangeMs = Math.min(rangeMs * 2, options.longestMs);
      return current / 2 + (current / 2) * random();
    },
    reset: () => void (rangeMs = options.firstMs),
  };
}
