import type { Alarm, AlarmSeverity } from '@porchlight/contract/alarms';

/** Stands, and nobody has said that they have seen it. */
export const isUnseen = ({ endMs, acknowledgedMs }: Alarm): boolean =>
  endMs === undefined && acknowledgedMs === undefined;

/** Undefined when there is none. */
export function worstOf(alarms: readonly Alarm[]): AlarmSeverity | undefined {
  if (alarms.length === 0) return undefined;
  return alarms.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning';
}

/** What wants a person first: unseen before seen, critical before warnings, then the newest. */
export function byUrgency(a: Alarm, b: Alarm): number {
  const rank = (alarm: Alarm): number => (isUnseen(alarm) ? 0 : 2) + (alarm.severity === 'critical' ? 0 : 1);
  return rank(a) - rank(b) || b.startMs - a.startMs;
}
