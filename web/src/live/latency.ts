/** Holds the distance to live: gently by speed, at once by a seek when it is too far. Seconds, as media elements count. */
export type Lag = {
  /** End of what is buffered minus the picture shown. */
  readonly lagSeconds: number;
  readonly targetSeconds: number;
};

/** What to do with the media element. `seekBackSeconds` is the distance from the buffered end to seek to. */
export type Correction = { readonly rate: number; readonly seekBackSeconds?: number };

const slowest = 0.97;
const fastest = 1.1;
const seekAboveSeconds = 1.5;
/** Within a fifth of the target nothing is corrected, so that sound keeps its pitch. */
const calm = 0.2;

export function toCorrection({ lagSeconds, targetSeconds }: Lag): Correction {
  if (lagSeconds > seekAboveSeconds) return { rate: 1, seekBackSeconds: targetSeconds };
  const error = (lagSeconds - targetSeconds) / targetSeconds;
  if (Math.abs(error) <= calm) return { rate: 1 };
  if (error < 0) return { rate: Math.max(slowest, 1 + error * 0.06) };
  return { rate: Math.min(fastest, 1 + error * 0.05) };
}

/** Target that grows after a stall and falls back slowly: a poor network gets a longer buffer, a good one a short one. */
export function openTarget(leastSeconds: number, mostSeconds: number) {
  let seconds = leastSeconds;
  return {
    seconds: () => seconds,
    stalled: () => (seconds = Math.min(mostSeconds, seconds * 1.6)),
    /** Call once a second while all is well. */
    calm: () => (seconds = Math.max(leastSeconds, seconds * 0.985)),
  };
}
