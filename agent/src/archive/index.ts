/**
 * Footage on disk and the index of what is recorded. In: `ArchiveEvent`s from recorders, files on a `Volume`.
 * Out: spans and gaps, segments with their fragments, bytes used. Promises: the open segment is part of every answer;
 * files are the truth and the index can be made from them; unknown files are never deleted; old footage goes first.
 */
export type {
  ArchiveEvent,
  FragmentWritten,
  GapBegan,
  SegmentClosed,
  SegmentDropped,
  SegmentOpened,
} from './archive-event.ts';
export { openArchive, type Archive, type ArchiveOptions } from './archive.ts';
export { openDiskVolume } from './disk-volume.ts';
export { openFakeVolume, type FakeVolume } from './fake-volume.ts';
export type { FragmentTable } from './fragment-table.ts';
export { parseSegmentPath, toSegmentId, toSegmentPath } from './segment-path.ts';
export { parseTrackRates, toWallMs, type SegmentView } from './segment-view.ts';
export { isVolumeFull } from './volume-errors.ts';
export type { Volume, VolumeEntry, VolumeFile, VolumeReader } from './volume.ts';
