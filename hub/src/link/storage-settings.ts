import type { AgentId } from '@porchlight/contract/ids';
import {
  storageConfigSchema,
  storageStatusSchema,
  type StorageConfig,
  type StorageStatus,
} from '@porchlight/contract/storage';
import type { Store } from '#store';

const configSetting = (agent: AgentId): string => `storage:${agent}`;
const statusSetting = (agent: AgentId): string => `storage-status:${agent}`;

/** Where an agent keeps footage and how much, as somebody has chosen; undefined: nobody has. */
export async function readStorageConfig(store: Store, agent: AgentId): Promise<StorageConfig | undefined> {
  const text = await store.findSetting(configSetting(agent));
  return text === undefined ? undefined : storageConfigSchema.safeParse(JSON.parse(text)).data;
}

export async function writeStorageConfig(store: Store, agent: AgentId, config: StorageConfig): Promise<void> {
  await store.putSetting(configSetting(agent), JSON.stringify(config));
}

/** How an agent's footage was kept when it was last heard of. */
export async function readStorageStatus(store: Store, agent: AgentId): Promise<StorageStatus | undefined> {
  const text = await store.findSetting(statusSetting(agent));
  return text === undefined ? undefined : storageStatusSchema.safeParse(JSON.parse(text)).data;
}

/** False when nothing is new. */
export async function writeStorageStatus(store: Store, agent: AgentId, status: StorageStatus): Promise<boolean> {
  const text = JSON.stringify(status);
  if ((await store.findSetting(statusSetting(agent))) === text) return false;
  await store.putSetting(statusSetting(agent), text);
  return true;
}
