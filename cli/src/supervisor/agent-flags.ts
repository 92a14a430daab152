/**
 * V8 flags for the agent, measured in bench/RESULTS.md. Frames live for a GOP and then all die, and their bytes lie outside the heap: V8 takes
 * that for a growing heap and collects it twice a second with helper threads. A heap that may grow further between collections, a young
 * generation that frames die in, and collections in the thread itself take a third of the CPU away.
 */
export const agentFlags = ['--single-threaded-gc', '--max-semi-space-size=8', '--heap-growing-percent=50'] as const;
