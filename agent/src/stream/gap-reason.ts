import type { GapReason } from '@porchlight/contract/recordings';
import type { SourceState } from '#source';

/** Why nothing is recorded while a source is in this state; undefined while footage may flow. */
export function toGapReason(state: SourceState): GapReason | undefined {
  if (state.status === 'online') return state.reason === 'no-keyframe' ? 'no-keyframe' : undefined;
  if (state.status === 'paused') return 'paused-by';
  if (state.reason === 'stalled' || state.reason === 'timeout' || state.reason === 'network') return 'network';
  if (state.reason === 'no-keyframe') return 'no-keyframe';
  return 'camera-offline';
}
