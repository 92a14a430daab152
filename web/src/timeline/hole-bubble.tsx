import type { Gap } from '@porchlight/contract/recordings';
import { strings, toClock, toDuration } from '#ui';
import { findGap, findStretch, type Coverage } from './coverage.ts';
import type { Mark } from './draw.ts';
import { toX, type View } from './scale.ts';
import classes from './timeline.module.css';

const words = strings.timeline;
const halfPx = 60;
const halfHoldPx = 110;
const halfNotePx = 150;

/** A stretch that somebody keeps for good, and why. */
export type HeldMark = Mark & { readonly note?: string };

type HoleBubbleProps = {
  readonly view: View;
  readonly coverage: Coverage | undefined;
  readonly holds: readonly HeldMark[];
  readonly nowMs: number;
  readonly widthPx: number;
  /** Under the pointer. */
  readonly hoverMs: number | undefined;
  /** Asked for by a finger or a key. */
  readonly told: number | undefined;
};

/** The time under the pointer; where nothing is recorded why, from when to when, and what to do about it; what is kept for good. */
export function HoleBubble({ view, coverage, holds, nowMs, widthPx, hoverMs, told }: HoleBubbleProps) {
  const wallMs = hoverMs ?? told;
  const missing = wallMs !== undefined && coverage && wallMs < nowMs && !findStretch(coverage.any, wallMs);
  const gap = missing ? findGap(coverage, wallMs) : undefined;
  const hold = wallMs === undefined ? undefined : holds.find(({ fromMs, toMs }) => fromMs <= wallMs && wallMs < toMs);
  const shown = hoverMs !== undefined || missing === true || hold !== undefined;
  const half = Math.min(widthPx / 2, gap ? halfNotePx : hold ? halfHoldPx : halfPx);
  const left = wallMs === undefined ? 0 : Math.min(widthPx - half, Math.max(half, toX(view, widthPx, wallMs)));
  const heard = hoverMs === undefined && (gap !== undefined || hold !== undefined);
  return (
    <div role="status" className={classes['holes']}>
      {shown && wallMs !== undefined && (
        <div
          className={classes['bubble']}
          aria-hidden={!heard}
          data-note={gap !== undefined || undefined}
          style={{ left }}
        >
          {!(heard && gap) && <strong>{toClock(wallMs)}</strong>}
          {missing && !gap && <span>{words.notRecorded}</span>}
          {gap && <Hole gap={gap} />}
          {hold && <span className={classes['held']}>{toHeldText(hold)}</span>}
        </div>
      )}
    </div>
  );
}

function Hole({ gap: { fromMs, toMs, reason } }: { gap: Gap }) {
  return (
    <>
      <strong>{`${words.notRecorded}: ${words.gaps[reason]}`}</strong>
      <span>{words.holeSpan(toClock(fromMs), toClock(toMs), toDuration(toMs - fromMs))}</span>
      <span>{words.advice[reason]}</span>
    </>
  );
}

const toHeldText = ({ note }: HeldMark): string => (note ? words.heldFor(note) : words.held);
