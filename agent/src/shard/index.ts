/**
 * Worker threads that hold the cameras' lines.
 * In: the cameras. Out: archive events and reports, answers to questions. Promises: a frame never crosses a thread; a
 * thread that dies comes back within 2 s with its cameras, and the gap is noted; only plain data is posted.
 */
export type { KeyFrame, ShardQuestions, ShardVerb } from './messages.ts';
export { openShardPool, type ShardPool, type ShardPoolOptions } from './shard-pool.ts';
export { settleHeap, settleNowAndThen } from './settle-heap.ts';
