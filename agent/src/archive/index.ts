/**
 * What is recorded. In: `ArchiveEvent`s from recorders, files on a `Volume`. Out: spans and gaps, segments with their
 * fragments, bytes used. Promises: the open segment is part of every answer; files are the truth and the index can be made
 * from them; unknown files are never deleted.
 */
export type {
  ArchiveEvent,
  EventNoted,
  FragmentWritten,
  GapBegan,
  SegmentClosed,
  SegmentDropped,
  SegmentOpened,
} from './archive-event.ts';
export type { RecordedStretch } from './footage-answers.ts';
export { openArchive, type Archive, type ArchiveOptions } from './archive.ts';
export { OpenSegments } from './open-segments.ts';
export { adoptFile, reconcile, repairOpen, type Look } from './reconcile.ts';
export { repairFile, type RepairedFile } from './repair.ts';
