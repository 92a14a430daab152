/**
 * `index.sqlite`: what the archive knows of its files. In: rows of segments, spans, gaps, cameras. Out: the same, found quickly.
 * Promises: prepared statements and nothing else, no file is touched; used by the main thread only; spans follow their segments.
 */
export { GrowingFragmentTable, parseFragmentTable, type FragmentTable } from './fragment-table.ts';
export type { ClosedSegment, GapRow, NewSegment, SegmentRow, SpanRow } from './index-schema.ts';
export { IndexReserve, isIndexFull } from './index-reserve.ts';
export { IndexStore, type SegmentHooks } from './index-store.ts';
export { KeepingRows, type OldestOf, type TaskRow, type Usage } from './keeping-rows.ts';
export { parseTrackRates, toWallMs, type SegmentFacts, type SegmentView } from './segment-view.ts';
