/** Spans that somebody keeps for good, as the page asks them. Pure. */
import type { Hold } from '@porchlight/contract/storage';

type Span = { readonly fromMs: number; readonly toMs: number };

/** The newest footage first; of what begins at once, what was kept last. */
export const toNewestFirst = (holds: readonly Hold[]): Hold[] =>
  holds.toSorted((one, other) => other.fromMs - one.fromMs || other.createdMs - one.createdMs);

/** Whether every moment of a span is kept, by one hold or by several together. */
export function isHeld(holds: readonly Span[], span: Span): boolean {
  let reachedMs = span.fromMs;
  for (const { fromMs, toMs } of holds.toSorted((one, other) => one.fromMs - other.fromMs)) {
    if (fromMs > reachedMs) break;
    reachedMs = Math.max(reachedMs, toMs);
  }
  return reachedMs >= span.toMs;
}

/** Whether another hold keeps a part of the same time. */
export const isShared = (holds: readonly Hold[], hold: Hold): boolean =>
  holds.some(({ id, fromMs, toMs }) => id !== hold.id && fromMs < hold.toMs && toMs > hold.fromMs);
