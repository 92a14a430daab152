import type { Camera } from '@porchlight/contract/camera';
import { ActionIcon, Anchor, Button, Tooltip } from '@mantine/core';
import { IconDownload, IconLock, IconX } from '@tabler/icons-react';
import { Link } from 'react-router';
import { toRecordedMs, type Coverage, type Selection } from '#timeline';
import { strings, toClock, toDuration, toSize } from '#ui';
import classes from './clip.module.css';
import { DownloadNote, Running } from './download-note.tsx';
import { useDownload } from './use-download.ts';

type ClipBarProps = {
  readonly camera: Camera;
  readonly coverage: Coverage | undefined;
  readonly clip: Selection;
  /** Undefined closes the bar. */
  readonly onClip: (clip: Selection | undefined) => void;
  /** It is to be kept for good. */
  readonly onKeep: () => void;
};
const words = strings.clip;
const assumedBps = 2_000_000;
const shortestMs = 1000;

/** The chosen span: how long, how big, and the download. */
export function ClipBar({ camera, coverage, clip, onClip, onKeep }: ClipBarProps) {
  const { download, start, cancel, reset } = useDownload(camera);
  const recordedMs = coverage ? toRecordedMs(coverage.any, clip) : clip.toMs - clip.fromMs;
  const bitrateBps = camera.streams.find(({ name }) => name === 'main')?.bitrateBps ?? assumedBps;
  const expectedBytes = (recordedMs / 8000) * bitrateBps;
  const busy = download.phase === 'starting' || download.phase === 'running';
  const change = (next: Selection): void => {
    if (next.toMs - next.fromMs < shortestMs) return;
    if (!busy) reset();
    onClip(next);
  };
  const chooseRest = (fromMs: number, toMs: number): void => change({ fromMs, toMs });
  return (
    <div className={classes['clip']} role="group" aria-label={words.title}>
      <ClipTimes clip={clip} onChange={change}>
        {recordedMs > 0 ? words.about(toSize(expectedBytes)) : words.nothing}
      </ClipTimes>
      {busy ? (
        <Running download={download} expectedBytes={expectedBytes} onCancel={cancel} />
      ) : (
        <>
          <Button
            leftSection={<IconDownload size={18} />}
            disabled={recordedMs === 0}
            onClick={() => void start({ clip, expectedBytes })}
          >
            {words.download}
          </Button>
          <Tooltip label={strings.holds.keepNote}>
            <Button variant="default" disabled={recordedMs === 0} leftSection={<IconLock size={18} />} onClick={onKeep}>
              {strings.holds.keep}
            </Button>
          </Tooltip>
          <Anchor component={Link} size="sm" to={toExportAddress(camera.id, clip)}>
            {strings.exports.link}
          </Anchor>
          <Tooltip label={words.done}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={words.done}
              data-icon
              onClick={() => onClip(undefined)}
            >
              <IconX size={18} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
      <DownloadNote download={download} onRest={chooseRest} onAgain={() => void start({ clip, expectedBytes })} />
    </div>
  );
}

/** The export page with this camera and span chosen. */
function toExportAddress(camera: string, { fromMs, toMs }: Selection): string {
  return `/exports?camera=${camera}&from=${Math.round(fromMs)}&to=${Math.round(toMs)}`;
}

type ClipTimesProps = {
  readonly clip: Selection;
  readonly onChange: (clip: Selection) => void;
  readonly children: string;
};

function ClipTimes({ clip, onChange, children }: ClipTimesProps) {
  const { fromMs, toMs } = clip;
  return (
    <div className={classes['times']}>
      <Edge label={words.from} wallMs={fromMs} onMove={(byMs) => onChange({ fromMs: fromMs + byMs, toMs })} />
      <span aria-hidden>–</span>
      <Edge label={words.to} wallMs={toMs} onMove={(byMs) => onChange({ fromMs, toMs: toMs + byMs })} />
      <span className={classes['size']}>
        {toDuration(toMs - fromMs)} · {children}
      </span>
    </div>
  );
}

/** One end of the span; arrow keys move it by a second, with Shift by ten. */
function Edge({ label, wallMs, onMove }: { label: string; wallMs: number; onMove: (byMs: number) => void }) {
  return (
    <span
      role="slider"
      tabIndex={0}
      className={classes['edge']}
      aria-label={label}
      aria-valuenow={Math.round(wallMs)}
      aria-valuetext={toClock(wallMs)}
      onKeyDown={(event) => {
        const step = event.key === 'ArrowLeft' ? -1000 : event.key === 'ArrowRight' ? 1000 : 0;
        if (step === 0) return;
        event.preventDefault();
        event.stopPropagation();
        event.nativeEvent.stopImmediatePropagation();
        onMove(event.shiftKey ? step * 10 : step);
      }}
    >
      {toClock(wallMs)}
    </span>
  );
}
