/**
 * Any bytes from a camera. In: transcripts (what a camera answers, request by request, and its datagrams), mutated. Out: what went wrong with the house's line,
 * if anything. Promises: one transcript always does the same. Used by tests and the soak, never by production code.
 */
export { mutate } from './mutate.ts';
export { openRandom } from './random.ts';
export { runTranscript, type TranscriptRun } from './run-transcript.ts';
export { goodTranscripts, parseTranscript, payloadTranscript, writeTranscript, type Transcript } from './transcript.ts';
