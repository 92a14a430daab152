import type { Camera } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import { ActionIcon, Title, Tooltip } from '@mantine/core';
import { IconArrowLeft, IconSettings } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';
import { AlarmBadge } from '#alarms';
import { RecordButton } from '#events';
import { strings } from '#ui';
import classes from './camera.module.css';

const EditCamera = lazy(async () => ({ default: (await import('#camera-form')).EditCamera }));

type CameraHeadProps = {
  readonly camera: Camera;
  readonly events: readonly ListedEvent[] | undefined;
  readonly nowMs: number;
};

/** The way back, the name, recording by hand, the settings. */
export function CameraHead({ camera, events, nowMs }: CameraHeadProps) {
  const [editing, setEditing] = useState(false);
  return (
    <div className={classes['head']}>
      <Tooltip label={strings.errors.toWall}>
        <ActionIcon
          component={Link}
          to="/"
          variant="subtle"
          color="gray"
          size={40}
          radius="xl"
          aria-label={strings.errors.toWall}
        >
          <IconArrowLeft size={22} />
        </ActionIcon>
      </Tooltip>
      <Title order={1} className={classes['title'] ?? ''}>
        {camera.name}
      </Title>
      <AlarmBadge camera={camera.id} compact />
      <RecordButton camera={camera} events={events} nowMs={nowMs} />
      <Tooltip label={strings.camera.settings}>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={40}
          radius="xl"
          aria-label={strings.camera.settings}
          onClick={() => setEditing(true)}
        >
          <IconSettings size={21} />
        </ActionIcon>
      </Tooltip>
      <Suspense>{editing && <EditCamera camera={camera} onClose={() => setEditing(false)} />}</Suspense>
    </div>
  );
}
