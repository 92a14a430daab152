import type { CameraState } from '@porchlight/contract/camera';
import classes from './state-badge.module.css';
import { strings } from './strings.ts';

/** How a camera is, as a dot and a word. */
export function StateBadge({ state, onPicture = false }: { state: CameraState; onPicture?: boolean }) {
  return (
    <span className={classes['badge']} data-status={state.status} data-on-picture={onPicture || undefined}>
      <span className={classes['dot']} aria-hidden />
      {strings.status[state.status]}
    </span>
  );
}

/** Why a camera is not online, in words. */
export function toStateText(state: CameraState): string {
  const told = state.reason === 'certificate-changed' ? strings.stateReasons[state.reason] : undefined;
  if (told !== undefined) return told;
  if (state.message !== undefined && state.message !== '') return state.message;
  return strings.stateReasons[state.reason ?? ''] ?? strings.stateReasons['unreachable'] ?? '';
}
