import { IconAlertTriangle } from '@tabler/icons-react';
import { useOpenAlarms } from '#data';
import { strings } from '#ui';
import { byUrgency } from './order.ts';
import classes from './alarms.module.css';

/** On a camera's picture: that something is wrong with it, and what; nothing when all is well. `compact`: on a phone the sign alone. */
export function AlarmBadge({ camera, compact = false }: { camera: string; compact?: boolean }) {
  const { data: open = [] } = useOpenAlarms();
  const [worst, ...more] = open.filter(({ cameraId }) => cameraId === camera).sort(byUrgency);
  if (!worst) return null;
  const title = strings.alarms.kinds[worst.kind];
  return (
    <span
      className={classes['badge']}
      data-severity={worst.severity}
      data-compact={compact || undefined}
      title={worst.message}
    >
      <IconAlertTriangle size={14} aria-label={strings.alarms.title} />
      <span>{more.length > 0 ? strings.alarms.andMore(title, more.length) : title}</span>
    </span>
  );
}
