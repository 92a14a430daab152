/**
 * WHEP: live view over WebRTC.
 * In: SDP offers of viewers who hold a lease. Out: answers or refusals in words; then the stream, from the cached key frame on.
 * Promises: a viewer who is gone is noticed; joins are taken a few at a time, so that they never disturb those who watch.
 */
export { openWhepServer, type WhepAnswer, type WhepAudio, type WhepRequest } from './whep-server.ts';
export type { WhepRefusal } from './whep-refusal.ts';
export type { WhepViewerStats } from './whep-viewer.ts';
