import type { Camera } from '@porchlight/contract/camera';
import type { ListedEvent } from '@porchlight/contract/events';
import { Button, Tooltip } from '@mantine/core';
import { IconPlayerRecordFilled, IconPlayerStopFilled } from '@tabler/icons-react';
import { strings, toDuration } from '#ui';
import classes from './events.module.css';
import { useRecordNow } from './use-events.ts';

const words = strings.events;

type RecordButtonProps = {
  readonly camera: Camera;
  readonly events: readonly ListedEvent[] | undefined;
  readonly nowMs: number;
};

/** Keeps what happens now as an event, from some seconds ago until it is pressed again. */
export function RecordButton({ camera, events, nowMs }: RecordButtonProps) {
  const { going, busy, begin, end } = useRecordNow(camera, events);
  const label = going ? words.stop : words.recordNow;
  const duration = going && toDuration(Math.max(0, nowMs - going.atMs));
  return (
    <Tooltip label={going ? words.stop : words.recordNowNote}>
      <Button
        variant={going ? 'light' : 'default'}
        color={going ? 'red' : 'gray'}
        radius="xl"
        size="sm"
        loading={busy}
        disabled={camera.paused}
        aria-label={label}
        aria-pressed={going !== undefined}
        leftSection={
          going ? (
            <IconPlayerStopFilled size={17} aria-hidden />
          ) : (
            <IconPlayerRecordFilled size={17} className={classes['dot'] ?? ''} aria-hidden />
          )
        }
        onClick={going ? end : begin}
        className={classes['record'] ?? ''}
      >
        <span className={going ? 'pl-number' : classes['wide']}>
          {duration === undefined ? words.recordNow : words.recordingFor(duration)}
        </span>
      </Button>
    </Tooltip>
  );
}
