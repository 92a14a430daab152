/**
 * Measured figures and what they tell. In: lines' reports, recorders' events, writes. Out: counters for metrics, observations for `health`.
 * Promises: counts only grow; measuring costs two clock readings for a write and a few additions for a report.
 */
export { defaultCameraLimits, openCameraVitals, type CameraLimits, type CameraVitals } from './camera-vitals.ts';
export { tellCertificate } from './certificate-vitals.ts';
export { openDiskVitals, type DiskVitals } from './disk-vitals.ts';
export { openRecordingMeter, type RecordingFigures, type RecordingMeter } from './recording-meter.ts';
export { tellStorage } from './storage-vitals.ts';
export { openVitals, type Vitals, type VitalsOptions } from './vitals.ts';
export {
  addWrites,
  noWrites,
  openWriteMeter,
  writeBoundsMs,
  type WriteFigures,
  type WriteMeter,
  type WriteTrouble,
} from './write-meter.ts';
