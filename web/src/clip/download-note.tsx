import { Alert, Button, Group, Progress, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { strings, toClock, toSize } from '#ui';
import classes from './clip.module.css';
import type { Download } from './use-download.ts';

const words = strings.clip;

type RunningProps = {
  readonly download: Download;
  readonly expectedBytes: number;
  readonly onCancel: () => void;
};

/** How far the download is. The size is an estimate, so the bar waits short of its end. */
export function Running({ download, expectedBytes, onCancel }: RunningProps) {
  const receivedBytes = download.phase === 'running' ? download.receivedBytes : 0;
  const percent = Math.min(98, (receivedBytes / Math.max(1, expectedBytes)) * 100);
  const text = words.progress(toSize(receivedBytes), toSize(Math.max(expectedBytes, receivedBytes)));
  return (
    <>
      <div className={classes['running']}>
        <Text size="sm" c="dimmed" className="pl-number">
          {text}
        </Text>
        <Progress value={percent} radius="xl" size="md" aria-label={words.downloading} />
      </div>
      <Button variant="default" onClick={onCancel}>
        {words.cancel}
      </Button>
    </>
  );
}

type NoteProps = {
  readonly download: Download;
  /** The rest begins a millisecond behind the rounded end, or the last group of pictures would come again. */
  readonly onRest: (fromMs: number, toMs: number) => void;
  readonly onAgain: () => void;
};

/** How the download ended, in words, and what to do. */
export function DownloadNote({ download, onRest, onAgain }: NoteProps) {
  return (
    <div className={classes['note']} aria-live="polite">
      {download.phase === 'cancelled' && (
        <Text size="sm" c="dimmed">
          {words.cancelled}
        </Text>
      )}
      {download.phase === 'failed' && (
        <Alert color="red" icon={<IconAlertTriangle size={20} />} title={download.message}>
          <Group justify="space-between">
            <span>{download.fix}</span>
            <Button size="sm" variant="default" onClick={onAgain}>
              {strings.tryAgain}
            </Button>
          </Group>
        </Alert>
      )}
      {(download.phase === 'saved' || download.phase === 'handed-over') && (
        <Saved download={download} onRest={onRest} />
      )}
    </div>
  );
}

type SavedProps = {
  readonly download: Extract<Download, { readonly file: string }>;
  readonly onRest: NoteProps['onRest'];
};

function Saved({ download, onRest }: SavedProps) {
  const { head, file, askedToMs, phase } = download;
  const told = phase === 'saved' ? words.saved(file) : words.handedOver(file);
  const span = words.span(toClock(head.fromMs), toClock(head.toMs));
  if (head.endedBecause === undefined) {
    return (
      <Group gap="xs" c="teal" wrap="nowrap">
        <IconCircleCheck size={20} aria-hidden className={classes['icon']} />
        <Text size="sm" c="var(--mantine-color-text)">
          {told} {span}
        </Text>
      </Group>
    );
  }
  const why = words.endedBecause[head.endedBecause] ?? words.endedEarly;
  return (
    <Alert color="yellow" icon={<IconAlertTriangle size={20} />} title={words.endsAt(toClock(head.toMs))}>
      <Group justify="space-between">
        <span>
          {why} {told}
        </span>
        {askedToMs - head.toMs >= 1000 && (
          <Button size="sm" variant="default" onClick={() => onRest(head.toMs + 1, askedToMs)}>
            {words.chooseRest}
          </Button>
        )}
      </Group>
    </Alert>
  );
}
