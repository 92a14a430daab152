import type { Camera } from '@porchlight/contract/camera';
import { ActionIcon, Button } from '@mantine/core';
import { IconDownload, IconX } from '@tabler/icons-react';
import { urlOf } from '../api.ts';
import { toRecordedMs, type Selection } from '#timeline';
import { strings, toClock, toDuration, toFileName, toSize } from '#ui';
import type { Screening } from './use-screening.ts';
import classes from './camera.module.css';

type ClipBarProps = { camera: Camera; screening: Screening; clip: Selection };
const words = strings.clip;

/** The chosen span: how long, how big, and the download. */
export function ClipBar({ camera, screening, clip }: ClipBarProps) {
  const { fromMs, toMs } = { fromMs: Math.round(clip.fromMs), toMs: Math.round(clip.toMs) };
  const { coverage } = screening.day;
  const recordedMs = coverage ? toRecordedMs(coverage.any, clip) : toMs - fromMs;
  const bitrateBps = camera.streams.find(({ name }) => name === 'main')?.bitrateBps ?? 2_000_000;
  const size = words.about(toSize((recordedMs / 8000) * bitrateBps));
  const href = urlOf('getExport', { params: { id: camera.id }, query: { from: fromMs, to: toMs } });
  const move = (edge: 'fromMs' | 'toMs', byMs: number) => screening.setClip({ ...clip, [edge]: clip[edge] + byMs });
  return (
    <div className={classes['clip']} role="group" aria-label={words.title}>
      <div className={classes['clipTimes']}>
        <Edge
          label={words.from}
          wallMs={fromMs}
          onMove={(byMs) => fromMs + byMs < toMs - 999 && move('fromMs', byMs)}
        />
        <span aria-hidden>–</span>
        <Edge label={words.to} wallMs={toMs} onMove={(byMs) => toMs + byMs > fromMs + 999 && move('toMs', byMs)} />
        <span className={classes['clipSize']}>
          {toDuration(toMs - fromMs)} · {recordedMs > 0 ? size : words.nothing}
        </span>
      </div>
      <Button
        component="a"
        href={recordedMs > 0 ? href : undefined}
        download={toFileName(camera.name, fromMs, 'mp4')}
        leftSection={<IconDownload size={18} />}
        data-disabled={recordedMs === 0}
        aria-disabled={recordedMs === 0}
      >
        {words.download}
      </Button>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={words.done}
        onClick={() => screening.setClip(undefined)}
      >
        <IconX size={18} />
      </ActionIcon>
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
      aria-valuenow={wallMs}
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
