import { createHash } from 'node:crypto';
import { alarmIdSchema, type Alarm } from '@porchlight/contract/alarms';
import type { AgentId } from '@porchlight/contract/ids';
import type { ProofConflict } from '@porchlight/contract/proof';

/**
 * The alarm for a record that does not go on from what the hub wrote down. Its id follows from what was claimed, so that the same head, shown
 * again to another instance of the hub, is no second alarm.
 */
export function toRecordAlarm(agentId: AgentId, { camera, known, claimed }: ProofConflict, nowMs: number): Alarm {
  const digest = createHash('sha256').update(`${agentId} ${camera} ${claimed.seq} ${claimed.link}`).digest('hex');
  return {
    id: alarmIdSchema.parse(`r${digest.slice(0, 20)}`),
    ...{ agentId, kind: 'record-changed', severity: 'critical', cameraId: camera, startMs: nowMs },
    message: `What was recorded of this camera was changed: its record does not go on from fact ${known.seq}, which the hub had written down.`,
    fix:
      'Was a backup of the agent put back, or its disk exchanged? Then say that you have seen it. Otherwise somebody or something changed what ' +
      'was recorded: copy the disk first, then check the copy with porchlight verify (guide “Proof”, “When the record was changed”).',
  };
}
