import type { Handlers } from './handlers.ts';
import type { ApiParts, Call } from './parts.ts';
import { toPerson } from './person.ts';

type StorageNames = 'getStorage' | 'changeStorage' | 'checkFolder';

/** A choice is worth nothing before the agent has looked at its disks, so these always wait for it. */
const leastWaitMs = 10_000;

/** Where footage is kept and how much. */
export function storageHandlers({ storage, answerWaitMs }: ApiParts): Pick<Handlers, StorageNames> {
  const toCall = ({ body, caller }: Pick<Call<'checkFolder'>, 'body' | 'caller'>) => ({
    agent: body.agentId,
    createdBy: toPerson(caller).userId,
    waitMs: Math.max(leastWaitMs, answerWaitMs),
  });
  return {
    getStorage: async () => ({ agents: await storage.list() }),
    changeStorage: ({ body, caller }) => storage.change(body.config, toCall({ body, caller })),
    checkFolder: ({ body, caller }) => storage.check(body.folder, toCall({ body, caller })),
  };
}
