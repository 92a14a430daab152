/**
 * One RTSP connection to a camera, kept up for ever.
 * In: address, credentials, transport. Out: `SourceEvents`: tracks, coded frames, damage, sender reports, state in words.
 * Promises: the camera is never slowed; a stall is found by the last media byte; nothing is allocated per packet on purpose.
 */
export type { SenderReport, Source, SourceEvents, SourceState, SourceStats } from './camera-events.ts';
