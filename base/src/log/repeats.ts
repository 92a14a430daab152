import type { Clock } from '#clock';

/** A line that was said again and again, for the summary. */
export type Repeated = { readonly key: string; readonly count: number };

/** Says trouble once, and then how often it came again. */
export type Repeats = {
  /** Whether this line is to be said now; if not it is counted. `tell` says how often it came again, an hour later. */
  admit(key: string, tell: (count: number) => void): boolean;
  /** Tells all counts now; at the end of the process. */
  flush(): void;
};

const windowMs = 3_600_000;
const lookMs = 60_000;
/** More kinds of lines than these are not remembered: the oldest are told and let go. */
const mostKeys = 500;

type Entry = { untilMs: number; count: number; tell: (count: number) => void };

/** Opens it without anything remembered; no timer runs while nothing is. */
export function openRepeats(clock: Clock): Repeats {
  const entries = new Map<string, Entry>();
  let timer: { cancel(): void } | undefined;

  const tellOf = (entry: Entry): void => {
    if (entry.count > 0) entry.tell(entry.count);
  };
  const look = (): void => {
    const nowMs = clock.monotonicMs();
    for (const [key, entry] of entries) {
      if (entry.untilMs > nowMs) continue;
      entries.delete(key);
      if (entry.count === 0) continue;
      tellOf(entry);
      // It still goes on: the next summary is an hour from now.
      entries.set(key, { ...entry, untilMs: nowMs + windowMs, count: 0 });
    }
    if (entries.size > 0) return;
    timer?.cancel();
    timer = undefined;
  };
  return {
    admit(key, tell) {
      const known = entries.get(key);
      if (known) {
        known.count++;
        known.tell = tell;
        return false;
      }
      const oldest = entries.size >= mostKeys ? entries.entries().next().value : undefined;
      if (oldest) {
        entries.delete(oldest[0]);
        tellOf(oldest[1]);
      }
      entries.set(key, { untilMs: clock.monotonicMs() + windowMs, count: 0, tell });
      timer ??= clock.every(lookMs, look);
      return true;
    },
    flush() {
      for (const entry of entries.values()) tellOf(entry);
      entries.clear();
      timer?.cancel();
      timer = undefined;
    },
  };
}
