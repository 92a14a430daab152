import { readSecretFile, writeSecretFile } from '@porchlight/base/secrets';
import type { Log } from '@porchlight/base/log';
import { agentAlarmSchema, type AgentAlarm } from '@porchlight/contract/alarms';

/** Alarms that stand, kept over a restart, so that one trouble stays one alarm. */
export type AlarmFile = { read(): AgentAlarm[]; write(alarms: readonly AgentAlarm[]): void };

/** Opens the file; one that is damaged counts as empty, one that cannot be written is said in the log. */
export function openAlarmFile(path: string, log: Log): AlarmFile {
  return {
    read() {
      try {
        const value: unknown = JSON.parse(readSecretFile(path) ?? '[]');
        return Array.isArray(value) ? value.flatMap((one) => agentAlarmSchema.safeParse(one).data ?? []) : [];
      } catch {
        return [];
      }
    },
    write(alarms) {
      try {
        writeSecretFile(path, `${JSON.stringify(alarms)}\n`);
      } catch (error) {
        log.warn('Could not keep the alarms that stand', { error });
      }
    },
  };
}
