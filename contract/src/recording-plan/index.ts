/**
 * What is recorded of a camera, and when. Out: schemas of a plan, and the mode that it gives at any time.
 * Promises: periods are times of the clock on the wall, over changes of its offset too; a plan that parses makes sense.
 */
export {
  defaultRecordingPlan,
  isTimeZone,
  minutesPerDay,
  periodSchema,
  recordingModeSchema,
  recordingPlanSchema,
  streamPlanSchema,
  toClockText,
  weekdays,
  weekdaySchema,
  type Period,
  type RecordingMode,
  type RecordingPlan,
  type StreamPlan,
  type Weekday,
} from './recording-plan.ts';
export { findMode, findNextChange, toMinuteOfWeek, toModeOfMinute, toOffsetMinutes } from './schedule.ts';
