import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock, Timer } from '@porchlight/base/clock';

/**
 * Collects this thread's garbage once, whole. What loading and compiling leaves behind is twice what stays, and V8, told to let the heap
 * grow (see the agent's flags), would keep it for hours. Blocks the thread for some 50 ms: call it when nobody waits.
 */
export function settleHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}

/**
 * Settles the heap after starting, and every few minutes when nobody is disturbed: V8 lets an old heap that grew in a bad moment be, and what a slow disk
 * left behind, for hours. Cancel the timer to end it.
 */
export function settleNowAndThen(
  clock: Clock,
  { firstMs, everyMs }: { readonly firstMs: number; readonly everyMs: number },
  mayPause: () => boolean = () => true,
  settle: () => void = settleHeap,
): Timer {
  let next = clock.after(firstMs, () => {
    settle();
    next = clock.every(everyMs, () => void (mayPause() && settle()));
  });
  return { cancel: () => next.cancel() };
}
