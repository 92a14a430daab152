/** A day of recordings. In: spans and gaps of the API, a playhead. Out: the drawn timeline, and what is where. */
export { Timeline, type Selection } from './timeline.tsx';
export { DayBar, ZoomButtons } from './day-bar.tsx';
export { Legend } from './legend.tsx';
export {
  findGap,
  findNextFootageMs,
  findStretch,
  isCalm,
  toCoverage,
  toGrown,
  toRecordedMs,
  type Coverage,
} from './coverage.ts';
export { toClamped, toFirstView, toFollowing, type View } from './scale.ts';
export { isDay, toDay, toDayBounds, toShiftedDay } from './zone.ts';
