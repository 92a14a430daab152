import type { Clock } from '@porchlight/base/clock';

/** Lets a few viewers join at a time: a handshake costs 13–20 ms of this thread, which also records. */
export type JoinQueue = {
  /** Waits for a place; undefined when that takes too long or too many wait. The place is given back by calling the result, once or more. */
  enter(): Promise<(() => void) | undefined>;
};

/** Opens a queue of `places` with at most `waiting` behind them, each for at most `waitMs`. */
export function openJoinQueue(options: {
  readonly places: number;
  readonly waiting: number;
  readonly waitMs: number;
  readonly clock: Clock;
}): JoinQueue {
  const { clock } = options;
  let free = options.places;
  const waiting: ((leave: () => void) => void)[] = [];

  const toLeave = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const next = waiting.shift();
      if (next) next(toLeave());
      else free++;
    };
  };
  return {
    async enter() {
      if (free > 0) {
        free--;
        return toLeave();
      }
      if (waiting.length >= options.waiting) return undefined;
      return new Promise((resolve) => {
        const admit = (leave: () => void): void => {
          timer.cancel();
          resolve(leave);
        };
        const timer = clock.after(options.waitMs, () => {
          waiting.splice(waiting.indexOf(admit), 1);
          resolve(undefined);
        });
        waiting.push(admit);
      });
    },
  };
}
