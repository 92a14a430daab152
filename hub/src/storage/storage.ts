import { HouseError } from '@porchlight/base/errors';
import type { Change } from '@porchlight/contract/changes';
import type { AgentId } from '@porchlight/contract/ids';
import {
  defaultStorageConfig,
  diskCheckSchema,
  type AgentStorage,
  type DiskCheck,
  type StorageConfig,
} from '@porchlight/contract/storage';
import { readStorageConfig, readStorageStatus, writeStorageConfig, type Commands } from '#link';
import type { AgentRow, CommandRow, Store } from '#store';

export type StorageOptions = {
  readonly store: Store;
  readonly commands: Commands;
  /** Called after each change that an agent must hear of. */
  onDesired(agent: AgentId): Promise<void> | void;
  onChange(change: Change): void;
};

/** Who asks, of which agent (the only one there is, when absent), and how long they wait. */
export type StorageCall = {
  readonly agent?: AgentId | undefined;
  readonly createdBy: string;
  readonly waitMs: number;
};

/** Where agents keep footage and how much: the hub keeps the wish, the agent knows the disks. */
export type Storage = {
  list(): Promise<AgentStorage[]>;
  /** Throws `HouseError` invalid with the agent's reason, unavailable when it does not answer: what was before stays. */
  change(config: StorageConfig, call: StorageCall): Promise<AgentStorage>;
  /** Has the agent write to a folder of its machine. */
  check(folder: string | undefined, call: StorageCall): Promise<DiskCheck>;
};

const lifetimeMs = 30_000;

/** Opens it over a store and the questions to agents. */
export function openStorage(options: StorageOptions): Storage {
  const { store } = options;
  return {
    list: async () => Promise.all((await store.listAgents()).map((agent) => view(store, agent))),
    async change(config, call) {
      const agent = await findAgent(store, call.agent);
      const row = await ask(options, call, { agent, verb: 'check-storage', args: { config } });
      if (row.state === 'failed') {
        const { kind, message, fix } = row.error ?? { kind: 'invalid', message: 'The agent refused' };
        throw new HouseError(kind, message, fix === undefined ? {} : { fix });
      }
      await writeStorageConfig(store, agent.id, config);
      await options.onDesired(agent.id);
      options.onChange({ topic: 'storage' });
      return view(store, agent);
    },
    async check(folder, call) {
      const agent = await findAgent(store, call.agent);
      const args = folder === undefined ? {} : { folder };
      const row = await ask(options, call, { agent, verb: 'check-folder', args });
      const found = diskCheckSchema.safeParse(row.result);
      if (found.success) return found.data;
      const { message = 'The agent could not look at this folder', fix } = row.error ?? {};
      return { ok: false, message, ...(fix === undefined ? {} : { fix }) };
    },
  };
}

async function view(store: Store, agent: AgentRow): Promise<AgentStorage> {
  const [config, status, cameras, reports] = await Promise.all([
    readStorageConfig(store, agent.id),
    readStorageStatus(store, agent.id),
    store.listCameras(),
    store.listReports(),
  ]);
  const keptOf = new Map(reports.map(({ report }) => [report.id, report.kept]));
  return {
    agentId: agent.id,
    online: agent.online,
    config: config ?? defaultStorageConfig,
    ...(status === undefined ? {} : { status }),
    cameras: cameras
      .filter(({ agentId }) => agentId === agent.id)
      .map(({ id, name, budget }) => {
        const kept = keptOf.get(id);
        return { id, name, ...(budget === undefined ? {} : { budget }), ...(kept === undefined ? {} : { kept }) };
      }),
  };
}

async function findAgent(store: Store, wanted: AgentId | undefined): Promise<AgentRow> {
  const agents = await store.listAgents();
  const found = wanted === undefined ? agents : agents.filter(({ id }) => id === wanted);
  if (found.length === 1) return found[0]!;
  if (agents.length === 0)
    throw new HouseError('unavailable', 'No recording program has called yet', { fix: 'Wait a few seconds.' });
  throw new HouseError('invalid', wanted === undefined ? 'There are several agents' : `There is no agent ${wanted}`, {
    fix: 'Say which one (agentId), as /api/storage lists them.',
  });
}

type Question = {
  readonly agent: AgentRow;
  readonly verb: 'check-storage' | 'check-folder';
  readonly args: Readonly<Record<string, unknown>>;
};

/** The answered question. Throws unavailable when the agent does not answer in time: nothing has changed then. */
async function ask(
  { commands }: StorageOptions,
  call: StorageCall,
  { agent, ...question }: Question,
): Promise<CommandRow> {
  const { createdBy, waitMs } = call;
  const asked = await commands.ask({ ...question, agent: agent.id, lifetimeMs, createdBy });
  const row = await commands.wait(asked.id, Math.min(waitMs, lifetimeMs));
  if (row !== undefined && row.state !== 'waiting') return row;
  throw new HouseError('unavailable', 'The recording program did not answer', {
    fix: 'Nothing has changed. Look whether it runs, and try again.',
  });
}
