/** What decode times start from. */
export type DecodeTimesOptions = {
  readonly clockRateHz: number;
  /** `reorderDepth` of the track; undefined where the stream does not say: starts at 0. */
  readonly reorderDepth: number | undefined;
  /** Nominal pictures per second, for the times before the first picture. Default 25. */
  readonly frameRate?: number | undefined;
};

/** The decode time of one access unit. */
export type DecodeTime = {
  readonly dtsTicks: number;
  /** In use from this access unit on. */
  readonly reorderDepth: number;
  /**
   * This picture came out of order by more than was known, or its time stepped back: `dtsTicks` starts a new sequence
   * here and may lie before the last one. A new segment begins, or the caller lifts it above the last one.
   */
  readonly raised: boolean;
};

/** Decode times of one run of pictures. */
export type DecodeTimes = { next(ptsTicks: number): DecodeTime };

/** The deepest reorder that H.264 and H.265 allow (MaxDpbFrames, MaxDpbSize). */
const maxReorderDepth = 16;

/**
 * Decode times out of presentation times, in decode order and without look-ahead.
 * With reorder depth N the decode time of access unit i is the (i−N)th smallest presentation time of the run; the first
 * N are extrapolated back from the first picture. Between raises they strictly increase, and none lies after its
 * picture's presentation time, except by the one tick that two pictures with the same time need, and for leading
 * pictures right after an open-GOP start, which no decoder shows. Memory: 17 numbers.
 */
export function openDecodeTimes({ clockRateHz, reorderDepth, frameRate }: DecodeTimesOptions): DecodeTimes {
  /** The largest presentation times so far, ascending: the (i−N)th smallest of i+1 is the (N+1)th largest. */
  const largest: number[] = [];
  const stepTicks = Math.max(1, Math.round(clockRateHz / (frameRate ?? 25)));
  let depth = Math.min(reorderDepth ?? 0, maxReorderDepth);
  let lastDtsTicks = Number.NEGATIVE_INFINITY;
  /** First presentation time, for the first N decode times. */
  let firstTicks = 0;

  const remember = (ptsTicks: number): void => {
    let at = largest.length;
    while (at > 0 && largest[at - 1]! > ptsTicks) at--;
    largest.splice(at, 0, ptsTicks);
    if (largest.length > maxReorderDepth + 1) largest.shift();
  };
  const candidate = (): number => {
    const at = largest.length - 1 - depth;
    return at >= 0 ? largest[at]! : Math.min(firstTicks, largest[0]!) + at * stepTicks;
  };

  return {
    next(ptsTicks) {
      if (largest.length === 0) firstTicks = ptsTicks;
      remember(ptsTicks);
      let dtsTicks = candidate();
      let raised = false;
      while (dtsTicks > ptsTicks) {
        raised = true;
        if (depth === maxReorderDepth) {
          // Not reordering but a clock that stepped back: the run starts over.
          largest.length = 0;
          largest.push(ptsTicks);
          firstTicks = ptsTicks;
          depth = Math.min(reorderDepth ?? 0, maxReorderDepth);
        } else depth++;
        dtsTicks = candidate();
      }
      if (!raised && dtsTicks <= lastDtsTicks) dtsTicks = lastDtsTicks + 1;
      lastDtsTicks = dtsTicks;
      return { dtsTicks, reorderDepth: depth, raised };
    },
  };
}
