import type { Health } from '#health';
import type { AgentAlarmKind } from '@porchlight/contract/alarms';
import type { StorageStatus, VolumeState } from '@porchlight/contract/storage';

const kinds: Readonly<Record<Exclude<VolumeState, 'ok'>, AgentAlarmKind>> = {
  full: 'disk-full',
  'read-only': 'disk-read-only',
  missing: 'disk-gone',
  wrong: 'disk-gone',
  failing: 'disk-failing',
};

/** How footage is kept, as observations: one for each volume, one for footage that is missing. */
export function tellStorage(health: Pick<Health, 'report'>, { volumes, stopped }: StorageStatus): void {
  for (const { id, state, message, fix } of volumes) {
    if (state === 'ok') health.report({ kind: 'disk-failing', part: id, ok: true });
    else health.report({ kind: kinds[state], part: id, ok: false, message: asSentence(message), fix: asSentence(fix) });
  }
  const share =
    stopped && `${stopped.missing} of ${stopped.of} recordings are missing: nothing is deleted until they are back.`;
  health.report({ kind: 'footage-missing', ok: stopped === undefined, message: share });
}

const asSentence = (text: string | undefined): string | undefined =>
  text === undefined || /[.!?]$/.test(text) ? text : `${text}.`;
