import type { WallLine } from './wall-line.ts';

/** A media time further from receipt than this did not drift there: the camera's clock jumped. */
export const stepMs = 2000;
/** Pictures come back in order within this; further back is a jump. */
const maxReorderMs = 1000;

/** One track's media time, kept growing when the camera's clock jumps. */
export class TrackTime {
  readonly line: WallLine;
  readonly #clockRateHz: number;
  correctionTicks = 0;
  jumped = false;
  #highestTicks = Number.NEGATIVE_INFINITY;
  #receivedMs = 0;

  constructor(line: WallLine, clockRateHz: number) {
    this.line = line;
    this.#clockRateHz = clockRateHz;
  }

  /** The corrected media time of a frame. */
  toTicks(ptsTicks: number, receivedMs: number): number {
    let ticks = ptsTicks + this.correctionTicks;
    const perMs = this.#clockRateHz / 1000;
    const backwards = ticks < this.#highestTicks - maxReorderMs * perMs;
    if (backwards || this.line.latenessMs(ticks, receivedMs) < -stepMs) {
      const elapsedMs = Math.min(Math.max(receivedMs - this.#receivedMs, 1), stepMs);
      const corrected = this.#highestTicks + Math.max(1, Math.round(elapsedMs * perMs));
      this.correctionTicks += corrected - ticks;
      this.jumped = true;
      ticks = corrected;
    }
    if (ticks > this.#highestTicks) this.#highestTicks = ticks;
    this.#receivedMs = receivedMs;
    return ticks;
  }
}
