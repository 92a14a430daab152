type Taken = { readonly fromMs: number; toMs: number };

const mostTaken = 64;
/** A run is not begun so shortly before a taken time: it can only end at a key frame. */
const guardMs = 15_000;

/**
 * The wall times that this stream has given to footage already. When the house's clock is set back they come again; a time is
 * given once, so a run begins where nothing lies yet and ends before what does.
 */
export class RecordedTimes {
  #taken: Taken[] = [];

  /** A run has ended. The oldest are forgotten when there are very many. */
  add(fromMs: number, toMs: number): void {
    this.addAll([{ fromMs, toMs }]);
  }

  addAll(stretches: readonly Readonly<Taken>[]): void {
    const added = stretches.filter(({ fromMs, toMs }) => toMs > fromMs);
    const taken = [...this.#taken, ...added].sort((one, other) => one.fromMs - other.fromMs);
    const joined: Taken[] = [];
    for (const next of taken) {
      const last = joined.at(-1);
      if (last !== undefined && next.fromMs <= last.toMs + guardMs) last.toMs = Math.max(last.toMs, next.toMs);
      else joined.push({ ...next });
    }
    this.#taken = joined.slice(-mostTaken);
  }

  /** The first time at or after this at which a run may begin. */
  findFree(wallMs: number): number {
    let free = wallMs;
    for (const { fromMs, toMs } of this.#taken) if (fromMs - guardMs < free && free < toMs) free = toMs;
    return free;
  }

  /** When a run that goes on from here must end at the latest key frame. */
  findLimit(wallMs: number): number {
    for (const { fromMs } of this.#taken) if (fromMs > wallMs) return fromMs - guardMs;
    return Infinity;
  }
}
