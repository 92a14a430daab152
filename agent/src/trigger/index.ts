/**
 * When a camera's streams are recorded: always, around triggers, never; by the plan of its week.
 * In: a plan, a stream's frames, triggers. Out: what the recorder is given, and events. Promises: an event begins exactly on a key frame
 * at most a group before its pre-roll; nothing is recorded twice; the recorder is told why there is nothing; no frame waits
 * for a trigger unless the mode is `events`.
 */
export { openCameraRecording, type CameraRecording, type CameraRecordingOptions } from './camera-recording.ts';
export { EventRing, type RingGroup, type RingTracks } from './event-ring.ts';
export { openStreamGate, type StreamGate, type StreamGateOptions } from './stream-gate.ts';
