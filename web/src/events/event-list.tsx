import type { ListedEvent } from '@porchlight/contract/events';
import { Title, UnstyledButton } from '@mantine/core';
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
  readonly onRetry: () => void;
  readonly onPlay: (event: ListedEvent) => void;
};

/** The events of a day with their pictures; a click plays one. */
export function EventList({ camera, events, failure, playheadMs, onRetry, onPlay }: EventListProps) {
  return (
    <section className={classes['events']} aria-label={words.title}>
      <Title order={2} size="h3" className={classes['title'] ?? ''}>
        {words.title}
      </Title>
      {failure && <FailureLine title={words.failed} failure={failure} onRetry={onRetry} />}
      {events?.length === 0 && <p className={classes['none']}>{words.none}</p>}
      <div className={classes['list']}>
        {events?.map((event) => (
          <UnstyledButton
            key={event.id}
            className={classes['event'] ?? ''}
            disabled={!event.hasFootage}
            aria-label={words.play(toEventName(event), toClock(event.atMs))}
            aria-current={playheadMs >= event.fromMs && playheadMs < event.toMs ? true : undefined}
            onClick={() => onPlay(event)}
          >
            <EventPicture camera={camera} event={event} />
            <span className={classes['name']}>{toEventName(event)}</span>
            <span className={classes['when']}>{toFacts(event)}</span>
          </UnstyledButton>
        ))}
      </div>
    </section>
  );
}

function toFacts({ atMs, fromMs, toMs, open, triggers, hasFootage }: ListedEvent): string {
  const length = open ? words.open : hasFootage ? toDuration(toMs - fromMs) : words.noFootage;
  return [toClock(atMs), length, ...(triggers > 1 ? [words.times(triggers)] : [])].join(' · ');
}
