import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { useStorage } from '#data';
import { strings, toSize } from '#ui';
import classes from './storage.module.css';

const words = strings.storage;

/** Until somebody has chosen: where footage is kept, for about how long, and one button to change it. Later only when something is wrong. */
export function StorageNote({ cameras }: { cameras: number }) {
  const storage = useStorage();
  const agent = storage.data?.find(({ status }) => status !== undefined);
  const first = agent?.status?.volumes[0];
  if (agent?.status === undefined || first === undefined) return null;
  const { stopped, days } = agent.status;
  const trouble = stopped !== undefined ? words.stopped(stopped.missing, stopped.of) : first.message;
  if (trouble === undefined && first.chosen) return null;
  return (
    <aside className={classes['note']} data-trouble={trouble !== undefined || undefined}>
      <span>{trouble ?? words.note(toSize(first.capBytes), days, cameras)}</span>
      <Button component={Link} to="/storage" variant="subtle" size="sm">
        {trouble === undefined ? words.change : words.look}
      </Button>
    </aside>
  );
}
