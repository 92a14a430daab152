import type { Clock } from '@porchlight/base/clock';

/** How a wall line behaves; the defaults are the house's. */
export type WallLineOptions = {
  readonly clock: Clock;
  readonly clockRateHz: number;
  /** Most that the line leans towards the measured delay, in parts per million of media time. */
  readonly maxSlewPpm?: number;
  /** The smallest delay within so much time counts; queues only ever make frames later. */
  readonly windowMs?: number;
  /** A difference above this is a step, not a drift. */
  readonly stepMs?: number;
};

/**
 * The straight line from one track's media time to wall time, within one run.
 * It starts at the first frame's receipt and leans, never steps, towards the smallest delay seen. Duration on it is media
 * duration; two reads of the wall clock are never subtracted.
 */
export type WallLine = {
  /** Takes a frame's receipt into account and gives its wall time. `receivedMs` is monotonic. */
  place(ptsTicks: number, receivedMs: number): number;
  /** Wall time of a media time, without learning from it. */
  toWallMs(ptsTicks: number): number;
  /** How much later than the quickest recent frame this one came; negative when it came sooner. */
  latenessMs(ptsTicks: number, receivedMs: number): number;
  /** Leans towards a line that is known better, as from sender reports; undefined: back to the measured delay. */
  steer(offsetMs: number | undefined): void;
  /** Wall time of media time 0 as the line stands. */
  readonly originMs: number;
  /** The line is further from the truth than slewing can mend: the wall clock stepped, or delay changed for good. */
  readonly stepped: boolean;
};

/** Opens a line at its first frame. `wallMs` overrides the wall time that its receipt would give. */
export function openWallLine(
  options: WallLineOptions,
  first: { readonly ptsTicks: number; readonly receivedMs: number; readonly originMs?: number },
): WallLine {
  const { clock, clockRateHz, maxSlewPpm = 500, windowMs = 10_000, stepMs = 2000 } = options;
  const toMs = (ptsTicks: number): number => (ptsTicks * 1000) / clockRateHz;
  const wallMinusMonotonic = (): number => clock.nowMs() - clock.monotonicMs();
  const firstDelayMs = first.receivedMs - toMs(first.ptsTicks);
  let originMs = first.originMs ?? firstDelayMs + wallMinusMonotonic();
  let measuredMs = originMs;
  let steeredMs: number | undefined;
  let leastDelayMs = firstDelayMs;
  let windowLeastMs = firstDelayMs;
  let windowStartMs = first.receivedMs;
  let slewedUntilMs = toMs(first.ptsTicks);
  let stepped = false;

  const learn = (mediaMs: number, receivedMs: number): void => {
    const delayMs = receivedMs - mediaMs;
    if (delayMs < windowLeastMs) windowLeastMs = delayMs;
    if (delayMs < leastDelayMs) leastDelayMs = delayMs;
    if (receivedMs - windowStartMs < windowMs) return;
    measuredMs = windowLeastMs + wallMinusMonotonic();
    leastDelayMs = windowLeastMs;
    stepped = Math.abs(measuredMs - originMs) > stepMs;
    windowLeastMs = delayMs;
    windowStartMs = receivedMs;
  };
  const slew = (mediaMs: number): void => {
    const targetMs = steeredMs ?? measuredMs;
    const mostMs = ((mediaMs - slewedUntilMs) * maxSlewPpm) / 1e6;
    if (mostMs <= 0) return;
    originMs += Math.max(-mostMs, Math.min(mostMs, targetMs - originMs));
    slewedUntilMs = mediaMs;
  };

  return {
    place(ptsTicks, receivedMs) {
      const mediaMs = toMs(ptsTicks);
      learn(mediaMs, receivedMs);
      slew(mediaMs);
      return mediaMs + originMs;
    },
    toWallMs: (ptsTicks) => toMs(ptsTicks) + originMs,
    latenessMs: (ptsTicks, receivedMs) => receivedMs - toMs(ptsTicks) - leastDelayMs,
    steer: (offsetMs) => void (steeredMs = offsetMs),
    get originMs() {
      return originMs;
    },
    get stepped() {
      return stepped;
    },
  };
}
