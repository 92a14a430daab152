/**
 * V8 flags for the agent, measured in bench/RESULTS.md. Frames live for a GOP and then all die, and their bytes lie outside the heap: V8 takes
 * that for a growing heap and collects it twice a second with helper threads. A heap that may grow further between collections and
 * collections in the thread itself take a third of the CPU away. The main thread sees no frames: its young generation stays small;
 * shards get one that frames die in (see the agent's `shard`).
 */
export const agentFlags = [
  '--single-threaded-gc',
  '--max-semi-space-size=2',
  '--heap-growing-percent=50',
  // V8 sees frames outlive a young collection or two and makes all later ones old from birth: the old heap then grows by all that is received.
  '--no-allocation-site-pretenuring',
] as const;

/**
 * Environment for the agent. Writes and syncs run on libuv's threads; the default of four lets one slow sync hold up the others.
 * The rest is for glibc (others ignore it): each of some fifteen threads would keep a memory pool of its own, and freed pictures would stay in
 * it; so there are two pools, and what is large goes back to the system when it is freed.
 */
export const agentEnv = {
  UV_THREADPOOL_SIZE: '8',
  MALLOC_ARENA_MAX: '2',
  MALLOC_MMAP_THRESHOLD_: String(64 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(256 * 1024),
} as const;
