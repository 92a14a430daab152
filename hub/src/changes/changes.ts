import type { Clock, Timer } from '@porchlight/base/clock';
import type { Change } from '@porchlight/contract/changes';

/** Somewhere a page listens. */
export type ChangeListener = { readonly sessionId: string; send(text: string): void; end(): void };

/** Tells open pages what changed. */
export interface Changes {
  /** Same changes within a second become one. */
  tell(change: Change): void;
}

/** Changes told by this process to listeners that it holds. */
export type LocalChanges = Changes & {
  listen(listener: ChangeListener): () => void;
  /** Ends the listeners of a session that is over. */
  endSession(sessionId: string): void;
  readonly listeners: number;
};

const coalesceMs = 1000;

/** Opens the local fan-out: the first of equal changes goes out at once, more of them as one after a second. */
export function openLocalChanges(clock: Clock): LocalChanges {
  const listeners = new Set<ChangeListener>();
  const resting = new Map<string, { timer: Timer; again: boolean }>();

  const flush = (text: string): void => {
    for (const listener of listeners) listener.send(text);
    const rest = {
      again: false,
      timer: clock.after(coalesceMs, () => {
        resting.delete(text);
        if (rest.again) flush(text);
      }),
    };
    resting.set(text, rest);
  };
  return {
    tell(change) {
      if (listeners.size === 0) return;
      const text = JSON.stringify(change);
      const rest = resting.get(text);
      if (rest) rest.again = true;
      else flush(text);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    endSession(sessionId) {
      for (const listener of listeners) if (listener.sessionId === sessionId) listener.end();
    },
    get listeners() {
      return listeners.size;
    },
  };
}
