import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { strings, toClock, toDuration } from '#ui';
import { findGap, findNextGap, findStretch, toHoleNearMs, type Coverage } from './coverage.ts';
import { drawTimeline, timelineHeightPx, type Mark } from './draw.ts';
import { bindGestures, type GestureTarget, type Selection } from './gestures.ts';
import { HoleBubble, type HeldMark } from './hole-bubble.tsx';
import { toMoved, toZoomed, type View } from './scale.ts';
import classes from './timeline.module.css';

export type { Selection };

type TimelineProps = {
  readonly bounds: View;
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly events?: readonly Mark[] | undefined;
  readonly holds?: readonly HeldMark[] | undefined;
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
const noMarks: readonly HeldMark[] = [];

/** What the timeline has at a time, in words. */
function toStateText(coverage: Coverage | undefined, wallMs: number): string {
  if (!coverage) return strings.loading;
  if (findStretch(coverage.any, wallMs)) return strings.timeline.recorded;
  const gap = findGap(coverage, wallMs);
  if (!gap) return strings.timeline.notRecorded;
  return `${strings.timeline.notRecorded}: ${strings.timeline.gaps[gap.reason]} (${toDuration(gap.toMs - gap.fromMs)})`;
}

const tellMs = 8000;
const fingerPx = 12;

/** A hole that a finger or a key asked about; it is told of for some seconds. */
function useTold(): [number | undefined, (wallMs: number) => void] {
  const [told, setTold] = useState<number>();
  useEffect(() => {
    if (told === undefined) return;
    const timer = setTimeout(() => setTold(undefined), tellMs);
    return () => clearTimeout(timer);
  }, [told]);
  return [told, setTold];
}

type Told = Pick<GestureTarget, 'setHover' | 'onTap'>;

/** Fingers, mouse and wheel lead to what the newest props say. */
function useGestures(
  canvas: RefObject<HTMLCanvasElement | null>,
  props: TimelineProps,
  { setHover, onTap }: Told,
): void {
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (!canvas.current) return;
    return bindGestures(canvas.current, {
      view: () => latest.current.view,
      bounds: () => latest.current.bounds,
      selection: () => latest.current.selection,
      setView: (next) => latest.current.onView(next),
      setHover,
      onTap: (wallMs) => {
        const { coverage, view } = latest.current;
        const withinMs = ((view.toMs - view.fromMs) / (canvas.current?.clientWidth ?? 1)) * fingerPx;
        onTap(coverage ? toHoleNearMs(coverage, wallMs, withinMs) : wallMs);
      },
      onSelect: (next) => latest.current.onSelect(next),
      onScrub: (wallMs) => latest.current.onScrub(wallMs),
      onSeek: (wallMs) => latest.current.onSeek(wallMs),
    });
  }, []);
}

/** + and - come closer and farther; Page Up and Page Down tell of one hole after another. */
function toKeyHandler(
  { bounds, view, coverage, playheadMs, onView }: TimelineProps,
  told: number | undefined,
  tell: (wallMs: number) => void,
) {
  const tellNext = (direction: 'before' | 'after'): void => {
    const gap = coverage && findNextGap(coverage, told ?? playheadMs, direction);
    if (!gap) return;
    tell(gap.fromMs);
    const seen = isWithin(view, gap.fromMs);
    if (!seen) onView(toMoved(view, bounds, gap.fromMs - (view.fromMs + view.toMs) / 2));
  };
  return (event: KeyboardEvent) => {
    if (event.key === 'PageUp' || event.key === 'PageDown') {
      event.preventDefault();
      return tellNext(event.key === 'PageUp' ? 'before' : 'after');
    }
    const factor = event.key === '+' || event.key === '=' ? 0.5 : event.key === '-' ? 2 : undefined;
    if (factor !== undefined) onView(toZoomed(view, bounds, { factor, anchorMs: playheadMs }));
  };
}

/** A day, drawn: click to play, drag to look through, wheel or pinch to come closer. */
export function Timeline(props: TimelineProps) {
  const { bounds, view, coverage, events = noMarks, holds = noMarks, playheadMs, nowMs, live, selection } = props;
  const { ref: sizeRef, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hoverMs, setHover] = useState<number>();
  const [told, tell] = useTold();
  const scheme = useComputedColorScheme('dark');
  useLayoutEffect(() => {
    if (!canvas.current || width === 0) return;
    const scene = {
      view,
      coverage,
      events,
      holds,
      nowMs,
      selection,
      hoverMs,
      live,
      playheadMs: isWithin(bounds, playheadMs) ? playheadMs : undefined,
    };
    drawTimeline(canvas.current, width, scene);
  }, [width, bounds, view, coverage, events, holds, playheadMs, nowMs, selection, hoverMs, live, scheme]);
  useGestures(canvas, props, { setHover, onTap: tell });
  const onKeyDown = toKeyHandler(props, told, tell);
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
      aria-description={strings.timeline.holeKeys}
      data-from={view.fromMs}
      data-to={view.toMs}
      onKeyDown={onKeyDown}
      // A finger gives the focus too, after it has asked about its own place.
      onFocus={({ currentTarget }) => currentTarget.matches(':focus-visible') && tell(playheadMs)}
      style={{ height: timelineHeightPx }}
    >
      <canvas ref={canvas} className={classes['canvas']} style={{ height: timelineHeightPx }} />
      {width > 0 && <HoleBubble {...{ view, coverage, holds, nowMs, widthPx: width, hoverMs, told }} />}
    </div>
  );
}
