import type { Alarm } from '@porchlight/contract/alarms';
import { Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useAlarms, useCameras, useOpenAlarms } from '#data';
import { FailurePanel, Panel, strings, TileSkeletons } from '#ui';
import { AlarmCard } from './alarm-card.tsx';
import { byUrgency } from './order.ts';
import { useNow } from './use-now.ts';
import classes from './alarms.module.css';

const words = strings.alarms;

/** All that is wrong now, and what was. */
export function AlarmsPage() {
  const open = useOpenAlarms();
  const history = useAlarms(undefined);
  const { data: cameras = [] } = useCameras();
  const nowMs = useNow();
  if (open.isPending) return <TileSkeletons count={1} />;
  if (!open.data) return <FailurePanel failure={open.error} onRetry={() => void open.refetch()} />;
  const nameOf = ({ cameraId }: Alarm): string | undefined =>
    cameraId && (cameras.find(({ id }) => id === cameraId)?.name ?? cameraId);
  const over = history.data?.alarms.filter(({ endMs }) => endMs !== undefined) ?? [];
  return (
    <div className={classes['page']}>
      <Title order={1}>{words.title}</Title>
      {open.data.length === 0 ? (
        <Panel icon={<IconCircleCheck size={30} />} title={words.none}>
          {words.noneText}
        </Panel>
      ) : (
        <ul className={classes['list']} aria-label={words.standing}>
          {open.data.toSorted(byUrgency).map((alarm) => (
            <AlarmCard key={alarm.id} alarm={alarm} nowMs={nowMs} cameraName={nameOf(alarm)} />
          ))}
        </ul>
      )}
      {over.length > 0 && (
        <section>
          <Title order={2} size="h3">
            {words.history}
          </Title>
          <ul className={classes['list']}>
            {over.map((alarm) => (
              <AlarmCard key={alarm.id} alarm={alarm} nowMs={nowMs} cameraName={nameOf(alarm)} />
            ))}
          </ul>
          {history.data?.more && <p className={classes['when']}>{words.more}</p>}
        </section>
      )}
    </div>
  );
}
