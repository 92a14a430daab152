/**
 * The places for footage on this machine. In: folders by name, in order. Out: volumes with their states, the one that recorders write to,
 * what a look at a disk finds. Promises: every place has a file that says which one it is; where another disk or none is, nothing is
 * written, least of all into the folder underneath; a place that is well again is used again by itself.
 */
export { checkFolder } from './disk-check.ts';
export { openRecordingVolume, type RecordingTarget, type RecordingVolume } from './recording-volume.ts';
export { identityFile } from './volume-identity.ts';
export { openVolumes, type Volumes, type VolumesOptions } from './volumes.ts';
