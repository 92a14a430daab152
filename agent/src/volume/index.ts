/**
 * Where footage lies. In: relative paths and bytes. Out: files that are appended to, synced, read, moved and removed; free space.
 * Promises: no path leaves the root; nothing counts as durable before `sync`; failures are `HouseError`s without machine paths.
 * The fake forgets what was not synced, and fails when told to.
 */
export { appendLines } from './append-lines.ts';
export { openDiskVolume, type DiskVolumeOptions } from './disk-volume.ts';
export { openFakeVolume, type FakeVolume } from './fake-volume.ts';
export { hashFile } from './hash-file.ts';
export { parseSegmentPath, toSegmentId, toSegmentPath, toThinnedPath, type SegmentPlace } from './segment-path.ts';
export { findVolumeTrouble, isMissing, isVolumeFull, toTroubleError } from './volume-errors.ts';
export type { VolumeGuard } from './volume-guard.ts';
export {
  findPlace,
  isThere,
  isWritable,
  openReaderOnAny,
  toReadingVolume,
  toVolumeSet,
  type VolumePlace,
  type VolumeSet,
} from './volume-set.ts';
export type { Volume, VolumeEntry, VolumeFile, VolumeReader } from './volume.ts';
