import { IconAlertTriangle } from '@tabler/icons-react';
import { useOpenAlarms } from '#data';
import { strings } from '#ui';
import { byUrgency } from './order.ts';
import classes from './alarms.module.css';

/** On a camera's picture: that something is wrong with it, and what; nothing when all is well. */
export function AlarmBadge({ camera }: { camera: string }) {
  const { data: open = [] } = useOpenAlarms();
  const [worst, ...more] = open.filter(({ cameraId }) => cameraId === camera).sort(byUrgency);
  if (!worst) return null;
  const title = strings.alarms.kinds[worst.kind];
  return (
    <span className={classes['badge']} data-severity={worst.severity} title={worst.message}>
      <IconAlertTriangle size={14} aria-hidden />
      {more.length > 0 ? strings.alarms.andMore(title, more.length) : title}
    </span>
  );
}
