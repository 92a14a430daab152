import { strings } from '#ui';
import type { LiveState } from './viewer.ts';

/** `Connecting · WebRTC` */
export function toPathText(state: LiveState | undefined): string {
  const path = state ? ` · ${strings.live.path[state.rung.path]}` : '';
  return `${strings.live.connecting}${path}`;
}

/** `WebRTC: this browser cannot show H.265, using MSE`; undefined when nothing better exists. */
export function toWhyText(state: LiveState | undefined): string | undefined {
  const first = state?.reasons[0];
  if (!state || !first) return undefined;
  const why = strings.live.reasons[first.reason] ?? first.reason;
  const better = strings.live.path[first.rung.path];
  return `${better}: ${strings.live.using(why, toRungText(state))}`;
}

/** `MSE` or `MSE, small stream` */
export function toRungText({ rung }: LiveState): string {
  return rung.stream === 'sub' ? `${strings.live.path[rung.path]}, ${strings.live.sub}` : strings.live.path[rung.path];
}
