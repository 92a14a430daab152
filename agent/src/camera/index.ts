/**
 * One RTSP connection to a camera, kept up for ever.
 * In: address, credentials, transport. Out: `SourceEvents`: tracks, coded frames, damage, sender reports, state in words.
 * Promises: the camera is never slowed; a stall is found by the last byte of video, not by the connection; frames are views
 * into what the socket delivered; no secret stands in what it says.
 */
export type { Credentials } from './authorization.ts';
export { openCamera, type CameraOptions } from './camera.ts';
export { toSecurePlace } from './camera-address.ts';
export type { SenderReport, Source, SourceEvents, SourceState, SourceStats } from './camera-events.ts';
export { openCertificatePins, type CertificatePins } from './certificate-pins.ts';
export { defaultCameraTimes, type CameraTimes } from './camera-times.ts';
