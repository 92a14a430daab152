/**
 * The cameras that this agent has. In: what the hub wants, or a file; commands. Out: what archive, gate and shards are told;
 * reports. Promises: a camera's footage is deleted only after its line has written its last.
 */
export { readCameraFile } from './camera-file.ts';
export { openRoster, type Roster, type RosterOptions } from './roster.ts';
export { openStorageDesk, type StorageDesk, type StorageDeskOptions } from './storage-desk.ts';
