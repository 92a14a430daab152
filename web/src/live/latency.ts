/**
 * Holds the distance to live. What counts is the reserve: how much is still unplayed when the next piece arrives. It is the whole
 * delay that the player adds, whatever the frame rate. Seconds, as media elements count.
 */
export type Reserve = {
  readonly reserveSeconds: number;
  readonly targetSeconds: number;
  /** Someone hears it: the speed may change only as far as the ear does not mind. */
  readonly audible: boolean;
};

/** What to do with the media element. `seekBackSeconds` is the distance from the buffered end to seek to. */
export type Correction = { readonly rate: number; readonly seekBackSeconds?: number };

const seekAboveSeconds = 1.5;
/** `calm`: seconds around the target in which nothing is corrected. `pull`: change of speed per second of error. */
const silent = { calm: 0.02, pull: 1.5, slowest: 0.9, fastest: 2 };
const heard = { calm: 0.04, pull: 0.5, slowest: 0.97, fastest: 1.1 };

/** Gently by speed, at once by a seek when it is too far. */
export function toCorrection({ reserveSeconds, targetSeconds, audible }: Reserve): Correction {
  const { calm, pull, slowest, fastest } = audible ? heard : silent;
  const error = reserveSeconds - targetSeconds;
  if (error > seekAboveSeconds) return { rate: 1, seekBackSeconds: targetSeconds };
  if (Math.abs(error) <= calm) return { rate: 1 };
  return { rate: Math.round(Math.min(fastest, Math.max(slowest, 1 + error * pull)) * 100) / 100 };
}

const growth = 1.5;
/** A second of calm takes this share of the target off: half in 14 s. */
const relief = 0.05;

/** Target that grows after a stall and falls back slowly: a poor network gets a longer buffer, a good one a short one. */
export function openTarget(leastSeconds: number, mostSeconds: number) {
  let target = leastSeconds;
  return {
    seconds: () => target,
    stalled: () => (target = Math.min(mostSeconds, target * growth)),
    /** All was well for so long. */
    calm: (forSeconds: number) => (target = Math.max(leastSeconds, target * (1 - relief) ** forSeconds)),
  };
}

/** The least of what was measured of late: a piece that comes late counts, the burst after it does not. */
export function openLowWater(keepMs: number) {
  let marks: { atMs: number; seconds: number }[] = [];
  return {
    add(seconds: number, atMs: number): void {
      marks = marks.filter((mark) => mark.atMs > atMs - keepMs);
      marks.push({ atMs, seconds });
    },
    /** Forgets what was before a jump. */
    clear: () => void (marks = []),
    /** Undefined when nothing came of late. */
    least(nowMs: number): number | undefined {
      const late = marks.filter((mark) => mark.atMs > nowMs - keepMs);
      return late.length === 0 ? undefined : Math.min(...late.map(({ seconds }) => seconds));
    },
  };
}
