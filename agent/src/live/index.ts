/**
 * Live view: what viewers see as it happens.
 * In: streams of this shard, SDP offers, WebSockets. Out: WebRTC and fragmented MP4, from the cached key frame on.
 * Promises: nothing is transcoded; a slow viewer loses frames and slows nobody; every viewer is a lease that ends with its session.
 */
export { openLiveServer, type LiveServer, type LiveServerOptions, type LiveStats } from './live-server.ts';
export { sessionHeader } from '#mse';
export type { FindStream, Lease, LiveStream, ViewerCaps } from '#lease';
export type { WhepAnswer, WhepAudio, WhepRefusal, WhepRequest } from '#whep';
