import type { AgentStorage } from '@porchlight/contract/storage';
import { Alert, Button, Group, Text, Title } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useStorage } from '#data';
import { FailurePanel, strings, TileSkeletons } from '#ui';
import { CameraTable } from './camera-table.tsx';
import { PlaceForm } from './place-form.tsx';
import { VolumeCard } from './volume-card.tsx';
import classes from './storage.module.css';

const words = strings.storage;

/** Where footage is kept, how the disks are, how long it stays; and the form to change that. With `?first` it is a step of setting up. */
export function StoragePage() {
  const storage = useStorage();
  const [search] = useSearchParams();
  const first = search.has('first');
  return (
    <div className={classes['page']}>
      <title>{`${words.title} · ${strings.app}`}</title>
      <Group justify="space-between" mb="md">
        <Title order={1}>{first ? words.firstTitle : words.title}</Title>
        {first && (
          <Button component={Link} to="/" variant="default">
            {words.later}
          </Button>
        )}
      </Group>
      {first && (
        <Text c="dimmed" mb="lg" maw={640}>
          {words.firstLead}
        </Text>
      )}
      {storage.isPending ? (
        <TileSkeletons count={1} />
      ) : storage.data === undefined ? (
        <FailurePanel failure={storage.error} onRetry={() => void storage.refetch()} />
      ) : storage.data.length === 0 ? (
        <Text role="status">{words.noAgent}</Text>
      ) : (
        storage.data.map((agent) => (
          <Agent key={agent.agentId} storage={agent} named={storage.data.length > 1} first={first} />
        ))
      )}
    </div>
  );
}

type AgentProps = { readonly storage: AgentStorage; readonly named: boolean; readonly first: boolean };

function Agent({ storage, named, first }: AgentProps) {
  const { status, cameras, online, agentId } = storage;
  return (
    <section className={classes['agent']} aria-label={words.ofAgent(agentId)}>
      {named && <Title order={2}>{words.ofAgent(agentId)}</Title>}
      {!online && <Alert color="orange">{words.offline}</Alert>}
      {status?.refused !== undefined && (
        <Alert color="red" title={words.refused}>
          {status.refused}
        </Alert>
      )}
      {status?.stopped !== undefined && (
        <Alert color="red" title={words.stopped(status.stopped.missing, status.stopped.of)}>
          {words.stoppedNote}
        </Alert>
      )}
      {(status?.lostBeforeOffsite ?? 0) > 0 && (
        <Alert color="red">{words.lostBeforeOffsite(status!.lostBeforeOffsite)}</Alert>
      )}
      {cameras.length > 0 && !first && <p className={classes['big']}>{words.outlook(status?.days, cameras.length)}</p>}
      <div className={classes['cards']}>
        {status?.volumes.map((volume) => (
          <VolumeCard key={volume.id} volume={volume} />
        ))}
      </div>
      <PlaceForm key={JSON.stringify(storage.config)} storage={storage} first={first} />
      {cameras.length > 0 && !first && <CameraTable storage={storage} />}
    </section>
  );
}
