import { isDeepStrictEqual } from 'node:util';
import type { AlarmRow, Store } from './store.ts';
import type { Tables } from './table-store.ts';

type AlarmMethods =
  'putAlarm' | 'findAlarm' | 'listOpenAlarms' | 'listAlarms' | 'endAlarm' | 'acknowledgeAlarm' | 'forgetAlarms';

const copy = <Row>(row: Row): Row => structuredClone(row);
const newestFirst = (a: AlarmRow, b: AlarmRow): number => b.startMs - a.startMs || (a.id < b.id ? -1 : 1);

/** Alarms over a table. */
export function alarmTable({ alarms }: Tables): Pick<Store, AlarmMethods> {
  const listAll = (): AlarmRow[] => Array.from(alarms.entries(), ([, row]) => row).sort(newestFirst);
  return {
    async putAlarm(row) {
      const old = alarms.get(row.id);
      if (old && (old.agentId !== row.agentId || old.endMs !== undefined)) return false;
      const { acknowledgedMs, acknowledgedBy } = old ?? row;
      const seen = acknowledgedMs === undefined ? {} : { acknowledgedMs, acknowledgedBy };
      const next = copy({ ...row, ...seen });
      if (old && isDeepStrictEqual(old, next)) return false;
      alarms.set(row.id, next);
      return true;
    },
    findAlarm: async (id) => copy(alarms.get(id)),
    listOpenAlarms: async () => copy(listAll().filter(({ endMs }) => endMs === undefined)),
    async listAlarms({ fromMs, toMs, cameraId, limit }) {
      const found = listAll().filter(
        (row) => row.startMs < toMs && (row.endMs ?? Infinity) >= fromMs && (cameraId ?? row.cameraId) === row.cameraId,
      );
      return copy(found.slice(0, limit));
    },
    async endAlarm(id, endMs) {
      const row = alarms.get(id);
      if (!row || row.endMs !== undefined) return false;
      alarms.set(id, { ...row, endMs: Math.max(row.startMs, endMs) });
      return true;
    },
    async acknowledgeAlarm(id, { atMs, by }) {
      const row = alarms.get(id);
      if (row && row.acknowledgedMs === undefined) alarms.set(id, { ...row, acknowledgedMs: atMs, acknowledgedBy: by });
      return copy(alarms.get(id));
    },
    async forgetAlarms(beforeMs, most) {
      const ended = listAll().filter(({ endMs }) => endMs !== undefined);
      for (const [index, { id, endMs = 0 }] of ended.entries())
        if (index >= most || endMs < beforeMs) alarms.delete(id);
    },
  };
}
