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
  /** By so much the line knowingly runs ahead of the clock at its start, because that time is recorded already. */
  readonly heldMs?: number;
};

/** The first frame of a line. `originMs` (wall time of media time 0) overrides what its receipt would give. */
export type WallLineStart = { readonly ptsTicks: number; readonly receivedMs: number; readonly originMs?: number };

/**
 * The straight line from one track's media time to wall time, within one run.
 * It starts at the first frame's receipt and leans, never steps, towards the smallest delay seen. Duration on it is media
 * duration; two reads of the wall clock are never subtracted.
 *
 * A class: its numbers are written for every frame, and in fields they are written in place.
 */
export class WallLine {
  /** Wall time of media time 0 as the line stands. */
  originMs: number;
  /** The line is further from the truth than slewing can mend: the wall clock stepped, or delay changed for good. */
  stepped = false;
  readonly #clock: Clock;
  readonly #clockRateHz: number;
  readonly #maxSlew: number;
  readonly #windowMs: number;
  readonly #stepMs: number;
  readonly #mostAheadMs: number;
  #measuredMs: number;
  /** Where sender reports put the line; NaN: nowhere. */
  #steeredMs = Number.NaN;
  #leastDelayMs: number;
  #windowLeastMs: number;
  #windowStartMs: number;
  #slewedUntilMs: number;

  constructor(options: WallLineOptions, first: WallLineStart) {
    const { clock, clockRateHz, maxSlewPpm = 500, windowMs = 10_000, stepMs = 2000, heldMs = 0 } = options;
    this.#clock = clock;
    this.#clockRateHz = clockRateHz;
    this.#maxSlew = maxSlewPpm / 1e6;
    this.#windowMs = windowMs;
    this.#stepMs = stepMs;
    this.#mostAheadMs = stepMs + heldMs;
    const mediaMs = (first.ptsTicks * 1000) / clockRateHz;
    const delayMs = first.receivedMs - mediaMs;
    this.originMs = first.originMs ?? delayMs + this.#wallMinusMonotonicMs();
    this.#measuredMs = heldMs > 0 ? this.originMs - heldMs : this.originMs;
    this.#leastDelayMs = delayMs;
    this.#windowLeastMs = delayMs;
    this.#windowStartMs = first.receivedMs;
    this.#slewedUntilMs = mediaMs;
  }

  /** Takes a frame's receipt into account and gives its wall time. `receivedMs` is monotonic. */
  place(ptsTicks: number, receivedMs: number): number {
    const mediaMs = (ptsTicks * 1000) / this.#clockRateHz;
    this.#learn(receivedMs - mediaMs, receivedMs);
    this.#slew(mediaMs);
    return mediaMs + this.originMs;
  }

  /** How much later than the quickest recent frame this one came; negative when it came sooner. */
  latenessMs(ptsTicks: number, receivedMs: number): number {
    return receivedMs - (ptsTicks * 1000) / this.#clockRateHz - this.#leastDelayMs;
  }

  /** How far the line runs ahead of the clock, as last measured. */
  get aheadMs(): number {
    return this.originMs - this.#measuredMs;
  }

  /** Leans towards a line that is known better, as from sender reports; NaN: back to the measured delay. */
  steer(originMs: number): void {
    this.#steeredMs = originMs;
  }

  #wallMinusMonotonicMs(): number {
    return this.#clock.nowMs() - this.#clock.monotonicMs();
  }

  #learn(delayMs: number, receivedMs: number): void {
    if (delayMs < this.#windowLeastMs) this.#windowLeastMs = delayMs;
    if (delayMs < this.#leastDelayMs) this.#leastDelayMs = delayMs;
    if (receivedMs - this.#windowStartMs < this.#windowMs) return;
    this.#measuredMs = this.#windowLeastMs + this.#wallMinusMonotonicMs();
    this.#leastDelayMs = this.#windowLeastMs;
    const aheadMs = this.originMs - this.#measuredMs;
    this.stepped = aheadMs > this.#mostAheadMs || -aheadMs > this.#stepMs;
    this.#windowLeastMs = delayMs;
    this.#windowStartMs = receivedMs;
  }

  #slew(mediaMs: number): void {
    const mostMs = (mediaMs - this.#slewedUntilMs) * this.#maxSlew;
    if (mostMs <= 0) return;
    const targetMs = Number.isNaN(this.#steeredMs) ? this.#measuredMs : this.#steeredMs;
    this.originMs += Math.max(-mostMs, Math.min(mostMs, targetMs - this.originMs));
    this.#slewedUntilMs = mediaMs;
  }
}
