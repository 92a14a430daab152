import { Button, Title } from '@mantine/core';
import { useState } from 'react';
import { useAlarms } from '#data';
import { strings } from '#ui';
import { AlarmCard } from './alarm-card.tsx';
import { byUrgency } from './order.ts';
import { useNow } from './use-now.ts';
import classes from './alarms.module.css';

const words = strings.alarms;
const fewEnded = 5;

/** What is wrong with one camera, and what was; nothing when nothing ever was. */
export function CameraAlarms({ camera }: { camera: string }) {
  const { data } = useAlarms(camera);
  const nowMs = useNow();
  const [all, setAll] = useState(false);
  if (!data || data.alarms.length === 0) return null;
  const open = data.alarms.filter(({ endMs }) => endMs === undefined).sort(byUrgency);
  const over = data.alarms.filter(({ endMs }) => endMs !== undefined);
  return (
    <section className={classes['ofCamera']} aria-label={words.title}>
      <Title order={2} size="h3">
        {words.title}
      </Title>
      <ul className={classes['list']}>
        {[...open, ...(all ? over : over.slice(0, fewEnded))].map((alarm) => (
          <AlarmCard key={alarm.id} alarm={alarm} nowMs={nowMs} />
        ))}
      </ul>
      {!all && over.length > fewEnded && (
        <Button variant="subtle" size="sm" onClick={() => setAll(true)}>
          {words.showAll(over.length)}
        </Button>
      )}
    </section>
  );
}
