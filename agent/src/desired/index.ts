/**
 * The cameras that this agent should have. In: the hub's configuration, or a file. Out: what lines and archive need of it.
 * Promises: credentials are opened here and go to the line alone.
 */
export { readCameraFile } from './camera-file.ts';
export { openCredentials, toLineConfig, type DesiredCamera } from './desired-camera.ts';
