import { ActionIcon, Indicator, Tooltip } from '@mantine/core';
import { IconBell, IconBellRinging } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useOpenAlarms } from '#data';
import { strings } from '#ui';
import { isUnseen, worstOf } from './order.ts';

const words = strings.alarms;

/** The way to the alarms, with how many of them nobody has seen. */
export function AlarmBell() {
  const { data: open = [] } = useOpenAlarms();
  const unseen = open.filter(isUnseen);
  const label = words.bell(unseen.length, open.length);
  const Icon = unseen.length > 0 ? IconBellRinging : IconBell;
  return (
    <Indicator
      label={unseen.length > 99 ? '99+' : unseen.length}
      disabled={unseen.length === 0}
      color={worstOf(unseen) === 'critical' ? 'red.8' : 'yellow.9'}
      size={18}
      offset={6}
    >
      <Tooltip label={label}>
        <ActionIcon
          component={Link}
          to="/alarms"
          variant="subtle"
          color="gray"
          size={40}
          radius="xl"
          aria-label={label}
        >
          <Icon size={21} />
        </ActionIcon>
      </Tooltip>
    </Indicator>
  );
}
