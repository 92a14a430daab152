import { strings, toClock, toDuration } from '#ui';
import { findGap, findStretch, type Coverage } from './coverage.ts';
import { toX, type View } from './scale.ts';
import classes from './timeline.module.css';

const words = strings.timeline;
const halfPx = 60;
const halfNotePx = 150;

type HoleBubbleProps = {
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly nowMs: number;
  readonly widthPx: number;
  /** Under the pointer. */
  readonly hoverMs: number | undefined;
  /** Asked for by a finger or a key. */
  readonly told: number | undefined;
};

/** The time under the pointer and, where nothing is recorded, why, from when to when, and what to do about it. */
export function HoleBubble({ view, coverage, nowMs, widthPx, hoverMs, told }: HoleBubbleProps) {
  const wallMs = hoverMs ?? told;
  const missing = wallMs !== undefined && coverage && wallMs < nowMs && !findStretch(coverage.any, wallMs);
  const gap = missing ? findGap(coverage, wallMs) : undefined;
  const shown = hoverMs !== undefined || missing === true;
  const half = Math.min(widthPx / 2, gap ? halfNotePx : halfPx);
  const left = wallMs === undefined ? 0 : Math.min(widthPx - half, Math.max(half, toX(view, widthPx, wallMs)));
  const heard = hoverMs === undefined && gap !== undefined;
  return (
    <div role="status" className={classes['holes']}>
      {shown && wallMs !== undefined && (
        <div
          className={classes['bubble']}
          aria-hidden={!heard}
          data-note={gap !== undefined || undefined}
          style={{ left }}
        >
          {!heard && <strong>{toClock(wallMs)}</strong>}
          {missing && !gap && <span>{words.notRecorded}</span>}
          {gap && (
            <>
              <strong>{`${words.notRecorded}: ${words.gaps[gap.reason]}`}</strong>
              <span>{words.holeSpan(toClock(gap.fromMs), toClock(gap.toMs), toDuration(gap.toMs - gap.fromMs))}</span>
              <span>{words.advice[gap.reason]}</span>
            </>
          )}
        </div>
      )}
    </div>
  );
}
