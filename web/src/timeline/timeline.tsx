import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { strings, toClock, toDuration } from '#ui';
import { findGap, findStretch, type Coverage } from './coverage.ts';
import { drawTimeline, timelineHeightPx, type Mark } from './draw.ts';
import { bindGestures, type Selection } from './gestures.ts';
import { toX, toZoomed, type View } from './scale.ts';
import classes from './timeline.module.css';

export type { Selection };

type TimelineProps = {
  readonly bounds: View;
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly events?: readonly Mark[] | undefined;
  readonly playheadMs: number;
  readonly nowMs: number;
  readonly live: boolean;
  readonly selection: Selection | undefined;
  readonly onView: (view: View) => void;
  readonly onSelect: (selection: Selection) => void;
  readonly onScrub: (wallMs: number) => void;
  readonly onSeek: (wallMs: number) => void;
};

const isWithin = ({ fromMs, toMs }: View, wallMs: number): boolean => wallMs >= fromMs && wallMs <= toMs;
const noMarks: readonly Mark[] = [];

/** What the timeline has at a time, in words. */
function toStateText(coverage: Coverage | undefined, wallMs: number): string {
  if (!coverage) return strings.loading;
  if (findStretch(coverage.any, wallMs)) return strings.timeline.recorded;
  const gap = findGap(coverage, wallMs);
  if (!gap) return strings.timeline.notRecorded;
  return `${strings.timeline.notRecorded}: ${strings.timeline.gaps[gap.reason]} (${toDuration(gap.toMs - gap.fromMs)})`;
}

/** A day, drawn: click to play, drag to look through, wheel or pinch to come closer. */
export function Timeline(props: TimelineProps) {
  const { bounds, view, coverage, events = noMarks, playheadMs, nowMs, live, selection } = props;
  const { ref: sizeRef, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hoverMs, setHover] = useState<number>();
  const scheme = useComputedColorScheme('dark');
  const latest = useRef(props);
  latest.current = props;
  useLayoutEffect(() => {
    if (!canvas.current || width === 0) return;
    const scene = {
      view,
      coverage,
      events,
      nowMs,
      selection,
      hoverMs,
      live,
      playheadMs: isWithin(bounds, playheadMs) ? playheadMs : undefined,
    };
    drawTimeline(canvas.current, width, scene);
  }, [width, bounds, view, coverage, events, playheadMs, nowMs, selection, hoverMs, live, scheme]);
  useEffect(() => {
    if (!canvas.current) return;
    return bindGestures(canvas.current, {
      view: () => latest.current.view,
      bounds: () => latest.current.bounds,
      selection: () => latest.current.selection,
      setView: (next) => latest.current.onView(next),
      setHover,
      onSelect: (next) => latest.current.onSelect(next),
      onScrub: (wallMs) => latest.current.onScrub(wallMs),
      onSeek: (wallMs) => latest.current.onSeek(wallMs),
    });
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    const factor = event.key === '+' || event.key === '=' ? 0.5 : event.key === '-' ? 2 : undefined;
    if (factor !== undefined) props.onView(toZoomed(view, bounds, { factor, anchorMs: playheadMs }));
  };
  return (
    <div
      ref={sizeRef}
      className={classes['timeline']}
      role="slider"
      tabIndex={0}
      aria-label={strings.timeline.label}
      aria-valuemin={bounds.fromMs}
      aria-valuemax={bounds.toMs}
      aria-valuenow={Math.round(playheadMs)}
      aria-valuetext={strings.timeline.valueText(toClock(playheadMs), toStateText(coverage, playheadMs))}
      data-from={view.fromMs}
      data-to={view.toMs}
      onKeyDown={onKeyDown}
      style={{ height: timelineHeightPx }}
    >
      <canvas ref={canvas} className={classes['canvas']} style={{ height: timelineHeightPx }} />
      {hoverMs !== undefined && width > 0 && <Bubble {...props} widthPx={width} wallMs={hoverMs} />}
    </div>
  );
}

type BubbleProps = Pick<TimelineProps, 'view' | 'coverage' | 'nowMs'> & { widthPx: number; wallMs: number };

/** The time under the pointer and, where nothing is recorded, why. */
function Bubble({ view, coverage, nowMs, widthPx, wallMs }: BubbleProps) {
  const missing = coverage && wallMs < nowMs && !findStretch(coverage.any, wallMs);
  const left = Math.min(widthPx - 60, Math.max(60, toX(view, widthPx, wallMs)));
  return (
    <div className={classes['bubble']} aria-hidden style={{ left }}>
      <strong>{toClock(wallMs)}</strong>
      {missing && <span>{toStateText(coverage, wallMs)}</span>}
    </div>
  );
}
