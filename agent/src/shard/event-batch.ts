import type { ArchiveEvent } from '#archive';
import type { Clock, Timer } from '@porchlight/base/clock';

const maxEvents = 64;
const maxDelayMs = 100;

/** Gathers archive events so that a hundred cameras cost a few messages a second. Keeps their order. */
export type EventBatch = { add(event: ArchiveEvent): void; flush(): void };

/** Opens a batch; `send` is called with at least one event. */
export function openEventBatch(clock: Clock, send: (events: readonly ArchiveEvent[]) => void): EventBatch {
  let events: ArchiveEvent[] = [];
  let timer: Timer | undefined;
  const flush = (): void => {
    timer?.cancel();
    timer = undefined;
    if (events.length === 0) return;
    const full = events;
    events = [];
    send(full);
  };
  return {
    add(event) {
      // A view would take its whole buffer along to the other thread.
      events.push(event.kind === 'segment-opened' ? { ...event, init: event.init.slice() } : event);
      if (events.length >= maxEvents) flush();
      else timer ??= clock.after(maxDelayMs, flush);
    },
    flush,
  };
}
