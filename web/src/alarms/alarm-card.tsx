import type { Alarm } from '@porchlight/contract/alarms';
import { Anchor, Button } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconEye } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { call } from '../api.ts';
import { strings, toAgo, toDateTime, toDuration } from '#ui';
import classes from './alarms.module.css';

const words = strings.alarms;

export type AlarmCardProps = {
  readonly alarm: Alarm;
  readonly nowMs: number;
  /** Name of the camera it is about, where the list does not say so already. */
  readonly cameraName?: string | undefined;
};

/** One alarm: what, since when, what to do; and whether somebody has seen it. */
export function AlarmCard({ alarm, nowMs, cameraName }: AlarmCardProps) {
  const { kind, severity, startMs, endMs, message, fix, stream, part } = alarm;
  const over = endMs !== undefined;
  const Icon = over ? IconCheck : IconAlertTriangle;
  return (
    <li className={classes['card']} data-severity={severity} data-over={over || undefined}>
      <Icon size={22} aria-hidden className={classes['icon'] ?? ''} />
      <div className={classes['body']}>
        <h3>
          {words.kinds[kind]}
          {cameraName !== undefined && alarm.cameraId !== undefined && (
            <Anchor component={Link} to={`/cameras/${alarm.cameraId}`} className={classes['camera'] ?? ''}>
              {cameraName}
            </Anchor>
          )}
          {stream === 'sub' && <span className={classes['part']}>{words.subStream}</span>}
          {part !== undefined && part !== 'main' && <span className={classes['part']}>{part}</span>}
        </h3>
        <p>{message}</p>
        {!over && (
          <p className={classes['fix']}>
            <strong>{words.whatToDo}</strong> {fix}
          </p>
        )}
        <p className={classes['when']}>
          <time dateTime={new Date(startMs).toISOString()}>
            {over
              ? words.lasted(toDateTime(startMs), toDuration(endMs - startMs))
              : words.since(toDateTime(startMs), toAgo(startMs, nowMs))}
          </time>
          {alarm.acknowledgedBy !== undefined && <span>{words.seenBy(alarm.acknowledgedBy)}</span>}
        </p>
      </div>
      {!over && alarm.acknowledgedMs === undefined && <SeenButton alarm={alarm} />}
    </li>
  );
}

function SeenButton({ alarm }: { alarm: Alarm }) {
  const client = useQueryClient();
  const seen = useMutation({
    mutationFn: () => call('acknowledgeAlarm', { params: { alarm: alarm.id } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['alarms'] }),
  });
  return (
    <Button
      variant="default"
      size="sm"
      leftSection={<IconEye size={16} aria-hidden />}
      loading={seen.isPending}
      onClick={() => seen.mutate()}
      aria-label={words.seenLabel(words.kinds[alarm.kind])}
      className={classes['seen'] ?? ''}
    >
      {seen.isError ? strings.tryAgain : words.seen}
    </Button>
  );
}
