import type { VolumeStatus } from '@porchlight/contract/storage';
import { Progress, Text } from '@mantine/core';
import { strings, toDateTime, toSize } from '#ui';
import classes from './storage.module.css';

const words = strings.storage;

/** One place: what it is, how it is, how full. */
export function VolumeCard({ volume }: { volume: VolumeStatus }) {
  const { state, folder, id, usedBytes, capBytes, freeBytes, totalBytes, chosen, recording } = volume;
  const share = capBytes > 0 ? Math.min(100, (100 * usedBytes) / capBytes) : 0;
  const color = state === 'ok' || state === 'full' ? 'amber' : 'red';
  return (
    <div className={classes['card']} data-state={state}>
      <h3>{folder ?? id}</h3>
      <p className={classes['state']} role={state === 'ok' ? undefined : 'alert'}>
        <strong>{words.states[state]}</strong>
        {state !== 'ok' && ` ${words.since(toDateTime(volume.sinceMs))}`}
        {state === 'ok' && ` · ${recording ? words.recordingHere : words.keptHere}`}
      </p>
      {volume.message !== undefined && (
        <Text size="sm">
          {volume.message} {volume.fix}
        </Text>
      )}
      <Progress value={share} color={color} size="lg" radius="xl" mt="sm" aria-label={words.usedOf} />
      <Text size="sm" mt={6}>
        {words.used(toSize(usedBytes), toSize(capBytes))}
        {!chosen && recording && ` · ${words.notChosen}`}
      </Text>
      {freeBytes !== undefined && totalBytes !== undefined && (
        <Text size="sm" c="dimmed">
          {words.free(toSize(freeBytes), toSize(totalBytes))}
        </Text>
      )}
      {volume.moveAfterDays !== undefined && (
        <Text size="sm" c="dimmed">
          {words.moves(volume.moveAfterDays)}
        </Text>
      )}
    </div>
  );
}
