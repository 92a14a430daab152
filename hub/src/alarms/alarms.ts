import { randomBytes } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import {
  agentAlarmSchema,
  alarmIdSchema,
  type AgentAlarm,
  type Alarm,
  type AlarmId,
  type AlarmList,
  type AlarmReport,
} from '@porchlight/contract/alarms';
import type { Change } from '@porchlight/contract/changes';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import type { ProofConflict } from '@porchlight/contract/proof';
import type { Store } from '#store';
import { toRecordAlarm } from './record-alarm.ts';

export type AlarmsOptions = {
  readonly store: Store;
  readonly clock: Clock;
  onChange(change: Change): void;
};

/** What a person asks for. Without times: the newest. */
export type AlarmWish = {
  readonly open?: boolean;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly cameraId?: CameraId | undefined;
};

/** What the hub itself says of an agent. */
export type AgentTrouble = Pick<Alarm, 'agentId' | 'kind' | 'severity' | 'startMs' | 'message' | 'fix'>;

/** The house's alarms: what agents say, what the hub sees of agents, who has seen it. */
export type Alarms = {
  list(wish: AlarmWish): Promise<AlarmList>;
  /** Throws `HouseError('not-found')`. */
  acknowledge(id: AlarmId, by: string): Promise<Alarm>;
  /** Takes an agent's word on its own cameras; gives what was wrong with it, if anything. */
  take(agent: AgentId, body: AlarmReport['body']): Promise<string | undefined>;
  raise(trouble: AgentTrouble): Promise<AlarmId>;
  end(id: AlarmId, endMs: number): Promise<void>;
  /** What an agent shows of a camera's record is not what it had shown before. Stands until somebody has seen it: nothing else makes it well. */
  recordChanged(agent: AgentId, conflict: ProofConflict): Promise<void>;
  /** The camera was removed: what stands about it is over. */
  endOfCamera(camera: CameraId): Promise<void>;
};

const mostListed = 500;
const keepMs = 365 * 86_400_000;
const mostKept = 10_000;

/** Opens the alarms over a store. */
export function openAlarms(options: AlarmsOptions): Alarms {
  const { store, clock } = options;
  const changed = (): void => options.onChange({ topic: 'alarms' });
  return {
    list: (wish) => list(store, wish),
    async acknowledge(id, by) {
      const row = await store.acknowledgeAlarm(id, { atMs: clock.nowMs(), by });
      if (!row) throw new HouseError('not-found', 'There is no such alarm', { fix: 'Reload the list of alarms.' });
      changed();
      if (row.kind !== 'record-changed' || row.endMs !== undefined) return row;
      await store.endAlarm(id, clock.nowMs());
      return (await store.findAlarm(id)) ?? row;
    },
    async take(agent, body) {
      const { news, trouble } = await takeReport(options, agent, body);
      if (news) changed();
      return trouble;
    },
    async raise(trouble) {
      const id = alarmIdSchema.parse(`h${randomBytes(10).toString('hex')}`);
      await store.putAlarm({ ...trouble, id });
      await store.forgetAlarms(clock.nowMs() - keepMs, mostKept);
      changed();
      return id;
    },
    async recordChanged(agent, conflict) {
      const standing = (await store.listOpenAlarms()).some(
        ({ kind, agentId, cameraId }) => kind === 'record-changed' && agentId === agent && cameraId === conflict.camera,
      );
      if (!standing && (await store.putAlarm(toRecordAlarm(agent, conflict, clock.nowMs())))) changed();
    },
    async end(id, endMs) {
      if (await store.endAlarm(id, endMs)) changed();
    },
    async endOfCamera(camera) {
      let news = false;
      for (const { id, cameraId } of await store.listOpenAlarms()) {
        if (cameraId === camera) news = (await store.endAlarm(id, clock.nowMs())) || news;
      }
      if (news) changed();
    },
  };
}

async function list(store: Store, { open, fromMs = 0, toMs = Infinity, cameraId }: AlarmWish): Promise<AlarmList> {
  const found = open
    ? (await store.listOpenAlarms()).filter((row) => (cameraId ?? row.cameraId) === row.cameraId)
    : await store.listAlarms({
        fromMs,
        toMs,
        ...(cameraId === undefined ? {} : { cameraId }),
        limit: mostListed + 1,
      });
  return { alarms: found.slice(0, mostListed), more: found.length > mostListed };
}

type Taken = { readonly news: boolean; readonly trouble: string | undefined };

/** Only about its own cameras, dated no later than now; what it no longer names as open is over. */
async function takeReport(
  { store, clock }: AlarmsOptions,
  agent: AgentId,
  { alarms, open }: AlarmReport['body'],
): Promise<Taken> {
  let news = false;
  let begun = false;
  let trouble: string | undefined;
  const nowMs = clock.nowMs();
  for (const one of alarms) {
    const parsed = agentAlarmSchema.safeParse(one);
    if (!parsed.success) {
      trouble ??= `alarms: ${parsed.error.issues[0]?.message ?? 'not as expected'}`.slice(0, 200);
      continue;
    }
    if (!(await isOwn(store, agent, parsed.data))) continue;
    const stored = await store.putAlarm({ ...toPast(parsed.data, nowMs), agentId: agent });
    news ||= stored;
    begun ||= stored && parsed.data.endMs === undefined;
  }
  const standing = new Set<string>(open);
  for (const row of await store.listOpenAlarms()) {
    const isAgents = row.agentId === agent && agentAlarmSchema.shape.kind.safeParse(row.kind).success;
    if (isAgents && !standing.has(row.id)) news = (await store.endAlarm(row.id, nowMs)) || news;
  }
  if (begun) await store.forgetAlarms(nowMs - keepMs, mostKept);
  return { news, trouble };
}

async function isOwn(store: Store, agent: AgentId, { cameraId }: AgentAlarm): Promise<boolean> {
  return cameraId === undefined || (await store.findCamera(cameraId))?.agentId === agent;
}

function toPast({ endMs, ...alarm }: AgentAlarm, nowMs: number): AgentAlarm {
  const startMs = Math.min(alarm.startMs, nowMs);
  const end = endMs === undefined ? {} : { endMs: Math.min(Math.max(endMs, startMs), nowMs) };
  return { ...alarm, startMs, ...end };
}
