/**
 * What is wrong with this agent and its cameras. In: observations from any room (`health.report({ kind, cameraId, ok, message })`), as often as
 * there is one. Out: alarms with start, end, severity and advice. Promises: no flapping (`alarm-rules.ts` says after how long); one trouble is one
 * alarm, over restarts too; never throws, never blocks.
 */
export { alarmRules, type AlarmRule } from './alarm-rules.ts';
export { openHealth, type Health, type HealthOptions, type Observation, type Subject } from './health.ts';
