/** How long something must be wrong, or well again, before that is said. */
export type HysteresisRule = {
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
  /** Trouble that is not told again for so long counts as over: for what is seen as single events. */
  readonly fadesAfterMs?: number;
};

/** A moment by both clocks: monotonic for how long, wall for since when. */
export type Moment = { readonly monotonicMs: number; readonly wallMs: number };

/** `quiet`: nothing is wrong. `suspected`: not for long enough. `raised`: said. */
export type HysteresisState = 'quiet' | 'suspected' | 'raised';

/**
 * Decides when trouble is worth saying and when it is over, without flapping: short spells of good within a bad time do not end it, short spells
 * of bad do not begin it.
 */
export type Hysteresis = {
  readonly state: HysteresisState;
  /** Wall time of the first sign of trouble; undefined when quiet. */
  readonly sinceMs: number | undefined;
  /** Wall time from which all has been well; undefined while it is not. */
  readonly wellSinceMs: number | undefined;
  /** Says how it is now; again and again, or only when it changes. */
  note(ok: boolean, now: Moment): void;
  /** Lets time pass. Gives what became of it: `raised`, `cleared`, `dropped` (never raised), or undefined. */
  settle(now: Moment): 'raised' | 'cleared' | 'dropped' | undefined;
};

/** Opens a quiet one; with `raisedSinceMs` one that was raised before (and waits for news). */
export function openHysteresis(rule: HysteresisRule, raised?: Moment): Hysteresis {
  let state: HysteresisState = raised ? 'raised' : 'quiet';
  let bad: Moment | undefined = raised;
  let lastBad: Moment | undefined = raised;
  let well: Moment | undefined;

  return {
    get state() {
      return state;
    },
    get sinceMs() {
      return bad?.wallMs;
    },
    get wellSinceMs() {
      return well?.wallMs;
    },
    note(ok, now) {
      if (ok) {
        if (state !== 'quiet') well ??= now;
        return;
      }
      if (state === 'quiet') {
        state = 'suspected';
        bad = now;
      }
      lastBad = now;
      well = undefined;
    },
    settle(now) {
      if (state === 'quiet' || !bad || !lastBad) return undefined;
      const { fadesAfterMs } = rule;
      if (!well && fadesAfterMs !== undefined && now.monotonicMs - lastBad.monotonicMs >= fadesAfterMs) well = lastBad;
      if (well && now.monotonicMs - well.monotonicMs >= rule.clearAfterMs) {
        const was = state;
        state = 'quiet';
        bad = undefined;
        return was === 'raised' ? 'cleared' : 'dropped';
      }
      if (state !== 'suspected' || well || now.monotonicMs - bad.monotonicMs < rule.raiseAfterMs) return undefined;
      state = 'raised';
      return 'raised';
    },
  };
}
