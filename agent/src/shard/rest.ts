/** So long a thread lets bytes gather: four or five pictures of a camera are then read at once, which costs much less than one by one. */
const restMs = 180;
/** A read of so much is a burst, such as a key frame on its way: a full socket buffer would hold up the camera, so reading goes on. */
const burstBytes = 96 * 1024;

/** So long nobody rests after a read that others wait for: the next step of a conversation, or of a new file, takes a few milliseconds. */
const hasteMs = 300;

/** What a rest is opened with. */
export type RestOptions = {
  /** Changed, and notified on, by whoever has something for the thread to do. Shared memory of 4 bytes. */
  readonly wake: Int32Array;
  /** Nobody waits for pictures at this moment. */
  readonly mayRest: () => boolean;
  /** Runs a call once the sockets that are ready have been read; `setImmediate`. */
  readonly afterReads: (call: () => void) => void;
  /** Monotonic. */
  readonly nowMs: () => number;
  /** Blocks the thread until `wake` is no longer `seen`, or for so long; `Atomics.wait`. */
  readonly block: (wake: Int32Array, seen: number, ms: number) => void;
};

/** Lets a thread that only records sleep between reads. */
export type Rest = {
  /** So many bytes were read from a camera; `Infinity` while its connection is young: every step of that waits for the thread. */
  onRead(sizeBytes: number): void;
};

/**
 * What network cards call interrupt coalescing, for a thread: after each round of reads it sleeps, so that the bytes of many cameras
 * gather in their sockets and one wake-up serves them all. Nothing is lost by it but time: a fragment reaches the disk up to 180 ms
 * later. It does not sleep while somebody watches, nor in a burst, nor while a connection is young, and wakes at once for a message from
 * the main thread.
 */
export function openRest(options: RestOptions): Rest {
  const { wake, mayRest, afterReads, nowMs, block } = options;
  let due = false;
  let largestBytes = 0;
  let hasteUntilMs = -Infinity;
  let seen = Atomics.load(wake, 0);
  const rest = (): void => {
    const calm = largestBytes < burstBytes && nowMs() >= hasteUntilMs && mayRest();
    due = false;
    largestBytes = 0;
    const now = Atomics.load(wake, 0);
    if (calm && now === seen) block(wake, seen, restMs);
    seen = now;
  };
  return {
    onRead(sizeBytes) {
      if (sizeBytes > largestBytes) largestBytes = sizeBytes;
      if (sizeBytes === Infinity) hasteUntilMs = nowMs() + hasteMs;
      if (due) return;
      due = true;
      afterReads(rest);
    },
  };
}
