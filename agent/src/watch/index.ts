/**
 * Looking at pictures. So far: a key frame becomes a JPEG, in a process of its own.
 * In: coded key frames. Out: JPEGs, the snapshot route. Promises: native code never runs in the agent; a crash there costs a
 * picture and nothing else; a picture is made at most once a second for each stream.
 */
export { openWatcher, type Watcher, type WatcherOptions } from './watcher.ts';
export { openSnapshots, type NewestPicture, type Snapshot, type Snapshots } from './snapshots.ts';
export { snapshotRoutes } from './snapshot-routes.ts';
export type { CodedPicture } from './messages.ts';
