/**
 * One stream of a camera on its way to everyone who wants it.
 * In: `SourceEvents`. Out: `StreamReader` calls with decode and wall times, one run after another.
 * Promises: nothing before the first key frame; frames are handed on, never copied; within a run wall time never steps;
 * the current group of pictures is there for new readers, bounded, from memory or out of its file; a reader that throws disturbs nobody.
 */
export type { StreamReader, StreamRun, TimedFrame } from './stream-reader.ts';
export { RecordedTimes } from './recorded-times.ts';
export { openStream, type Stream, type StreamOptions } from './stream.ts';
