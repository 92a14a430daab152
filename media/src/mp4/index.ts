/**
 * Reads ordinary MP4 and MOV files, so that a file can be a camera.
 * In: bytes by offset. Out: tracks, sample tables, coded frames, an endless loop of them.
 * Promises: sample bytes are views of what `readAt` gave; hostile files cost bounded memory and a `MediaError`.
 */
export { openLoop, type Loop, type LoopFrame } from './loop.ts';
export { openMovie, type Movie } from './movie.ts';
export { type SampleTable } from './sample-table.ts';
