import { Button, Group, Text, Title } from '@mantine/core';
import { IconPlus, IconVideoPlus } from '@tabler/icons-react';
import { lazy, Suspense, useState, useSyncExternalStore } from 'react';
import type { Camera } from '@porchlight/contract/camera';
import { readReached, useCameras, watchReached } from '#data';
import { FailurePanel, Panel, strings, TileSkeletons } from '#ui';
import { DemoNote } from './demo-note.tsx';
import { Tile } from './tile.tsx';
import classes from './wall.module.css';

const StorageNote = lazy(async () => ({ default: (await import('#storage')).StorageNote }));
const AddCamera = lazy(async () => ({ default: (await import('#camera-form')).AddCamera }));

/** All cameras, live. */
export function WallPage() {
  const cameras = useCameras();
  const [adding, setAdding] = useState(false);
  return (
    <div className={classes['page']}>
      <title>{`${strings.wall.title} · ${strings.app}`}</title>
      {cameras.isPending ? (
        <TileSkeletons count={4} />
      ) : cameras.data === undefined ? (
        <FailurePanel failure={cameras.error} onRetry={() => void cameras.refetch()} />
      ) : (
        <Wall cameras={cameras.data} onAdd={() => setAdding(true)} />
      )}
      <Suspense>{adding && <AddCamera onClose={() => setAdding(false)} />}</Suspense>
    </div>
  );
}

function Wall({ cameras, onAdd }: { cameras: readonly Camera[]; onAdd: () => void }) {
  const reached = useSyncExternalStore(watchReached, readReached);
  if (cameras.length === 0) {
    const action = (
      <Button size="lg" leftSection={<IconVideoPlus size={22} />} onClick={onAdd}>
        {strings.wall.add}
      </Button>
    );
    return (
      <Panel icon={<IconVideoPlus size={34} />} title={strings.wall.emptyTitle} action={action}>
        {strings.wall.emptyText}
      </Panel>
    );
  }
  const online = cameras.filter(({ state }) => state.status === 'online').length;
  const demo = cameras.find(({ sourceKind }) => sourceKind === 'demo');
  return (
    <>
      <Group justify="space-between" mb="md" wrap="nowrap">
        <div>
          <Title order={1}>{strings.wall.title}</Title>
          <Text c="dimmed" size="sm">
            {reached ? strings.wall.count(cameras.length, online) : strings.wall.unreached}
          </Text>
        </div>
        <Button leftSection={<IconPlus size={20} />} onClick={onAdd}>
          {strings.wall.add}
        </Button>
      </Group>
      <Suspense>
        <StorageNote cameras={cameras.length} />
      </Suspense>
      <ul className={classes['grid']} data-count={Math.min(cameras.length, 5)}>
        {cameras.map((camera) => (
          <Tile key={camera.id} camera={camera} reached={reached} />
        ))}
      </ul>
      {demo && <DemoNote camera={demo} />}
    </>
  );
}
