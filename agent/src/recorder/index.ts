/**
 * Writes a stream to disk as fragmented MP4 segments. In: a stream's frames, a `Volume`. Out: files, `ArchiveEvent`s.
 * Promises: payload bytes are not copied; one write in flight per file; what it cannot write it drops up to the next
 * key frame and says so as a gap; a file is whole up to its last fragment at any moment.
 */
export { openRecorder, type Recorder, type RecorderOptions } from './recorder.ts';
