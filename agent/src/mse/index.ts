/**
 * Live view as fragmented MP4 over WebSocket, for the browser's Media Source Extensions.
 * In: WebSockets with a camera, a stream and a session. Out: an init segment, then a fragment for each frame, from the cached key frame on.
 * Promises: a slow viewer loses whole groups of pictures and slows nobody.
 */
export { openMseServer, sessionHeader } from './mse-server.ts';
export type { MseSessionStats } from './mse-session.ts';
