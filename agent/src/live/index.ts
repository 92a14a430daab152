/**
 * Live view: what viewers see as it happens.
 * In: streams of this shard, SDP offers, WebSockets. Out: WebRTC and fragmented MP4, from the cached key frame on.
 * Promises: nothing is transcoded; a slow viewer loses frames and slows nobody; every viewer is a lease that ends with its session.
 */
export { openLiveServer, type LiveServer, type LiveServerOptions, type LiveStats } from './live-server.ts';
export { sessionHeader } from './mse-server.ts';
export type { FindStream, LiveStream } from './live-stream.ts';
export type { Lease, ViewerCaps } from './leases.ts';
export { readIceSettings } from './ice-settings.ts';
export type { IceSettings } from './peer.ts';
export type { WhepAnswer, WhepAudio, WhepRequest } from './whep-server.ts';
export type { WhepRefusal } from './whep-refusal.ts';
