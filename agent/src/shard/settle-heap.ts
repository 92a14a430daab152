import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

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
