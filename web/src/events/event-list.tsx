import type { ListedEvent } from '@porchlight/contract/events';
import { ActionIcon, Title, Tooltip, UnstyledButton } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { FailureLine, strings, toClock, toDuration } from '#ui';
import { EventPicture } from './event-picture.tsx';
import classes from './events.module.css';

const words = strings.events;

/** What an event is called: what its source says, or its kind in words. */
export const toEventName = ({ kind, label }: ListedEvent): string => label ?? words.kinds[kind] ?? kind;

type EventListProps = {
  readonly camera: string;
  readonly events: readonly ListedEvent[] | undefined;
  readonly failure: Error | null;
  readonly playheadMs: number;
  /** Whether it is kept for good. */
  readonly isKept: (event: ListedEvent) => boolean;
  readonly onRetry: () => void;
  readonly onPlay: (event: ListedEvent) => void;
  readonly onKeep: (event: ListedEvent) => void;
};

/** The events of a day with their pictures; a click plays one, its lock keeps it for good. */
export function EventList({ events, failure, playheadMs, isKept, onRetry, ...rest }: EventListProps) {
  return (
    <section className={classes['events']} aria-label={words.title}>
      <Title order={2} size="h3" className={classes['title'] ?? ''}>
        {words.title}
      </Title>
      {failure && <FailureLine title={words.failed} failure={failure} onRetry={onRetry} />}
      {events?.length === 0 && <p className={classes['none']}>{words.none}</p>}
      <div className={classes['list']}>
        {events?.map((event) => (
          <EventCard
            key={event.id}
            event={event}
            current={playheadMs >= event.fromMs && playheadMs < event.toMs}
            kept={isKept(event)}
            {...rest}
          />
        ))}
      </div>
    </section>
  );
}

type CardProps = Pick<EventListProps, 'camera' | 'onPlay' | 'onKeep'> & {
  readonly event: ListedEvent;
  readonly current: boolean;
  readonly kept: boolean;
};

function EventCard({ camera, event, current, kept, onPlay, onKeep }: CardProps) {
  const [name, when] = [toEventName(event), toClock(event.atMs)];
  return (
    <div className={classes['event']} data-current={current || undefined}>
      <UnstyledButton
        className={classes['play'] ?? ''}
        disabled={!event.hasFootage}
        aria-label={words.play(name, when)}
        aria-current={current ? true : undefined}
        onClick={() => onPlay(event)}
      >
        <EventPicture camera={camera} event={event} />
        <span className={classes['name']}>{name}</span>
        <span className={classes['when']}>{toFacts(event)}</span>
      </UnstyledButton>
      {event.hasFootage && !event.open && (
        <div className={classes['keep']}>
          <KeepMark {...{ name, when, kept }} onKeep={() => onKeep(event)} />
        </div>
      )}
    </div>
  );
}

type MarkProps = { readonly name: string; readonly when: string; readonly kept: boolean; readonly onKeep: () => void };

function KeepMark({ name, when, kept, onKeep }: MarkProps) {
  if (kept) {
    const label = strings.holds.eventKept(name, when);
    return (
      <Tooltip label={strings.holds.done}>
        <span className={classes['kept']} role="img" aria-label={label}>
          <IconLock size={17} aria-hidden />
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip label={strings.holds.keep}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={40}
        aria-label={strings.holds.keepEvent(name, when)}
        onClick={onKeep}
      >
        <IconLockOpen size={17} />
      </ActionIcon>
    </Tooltip>
  );
}

function toFacts({ atMs, fromMs, toMs, open, triggers, hasFootage }: ListedEvent): string {
  const length = open ? words.open : hasFootage ? toDuration(toMs - fromMs) : words.noFootage;
  return [toClock(atMs), length, ...(triggers > 1 ? [words.times(triggers)] : [])].join(' · ');
}
