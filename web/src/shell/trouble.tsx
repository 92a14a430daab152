import { Button } from '@mantine/core';
import { IconDoor, IconMoodSad } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Panel, strings } from '#ui';

/** An address that leads nowhere. */
export function NotFound() {
  const action = (
    <Button component={Link} to="/">
      {strings.errors.toWall}
    </Button>
  );
  return (
    <Panel icon={<IconDoor size={32} />} title={strings.errors.notFound} action={action}>
      {strings.errors.notFoundText}
    </Panel>
  );
}

/** A page that threw. Loading again is the way on: the code may be older than the hub. */
export function Crashed() {
  const action = <Button onClick={() => location.reload()}>{strings.errors.reload}</Button>;
  return (
    <div role="alert">
      <Panel icon={<IconMoodSad size={32} />} title={strings.errors.crashed} action={action}>
        {strings.errors.crashedText}
      </Panel>
    </div>
  );
}
