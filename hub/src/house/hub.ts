import { hostname } from 'node:os';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { makeToken } from '@porchlight/base/secrets';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openApi, Problem, renewSetupToken, type ApiParts } from '#api';
import { openLocalChanges } from '#changes';
import { openCommands, openFakeAgentLink } from '#link';
import { openAccountIdentity, openDataFolder, openSqliteStore } from '#local';
import { openRoster } from '#roster';
import { openPageFiles, openServer } from '#serve';

export type HubOptions = {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly agentSocket: string;
  readonly web: string | undefined;
  readonly clock: Clock;
  readonly log: Log;
};

export type Hub = {
  readonly url: string;
  /** One-time link, while no account exists. */
  readonly setupUrl: string | undefined;
  readonly brokerUrl: string;
  /** A message from the supervisor; gives the answer to send back, if any. */
  takeMessage(message: unknown): Promise<object | undefined>;
  close(): Promise<void>;
};

const localAgent = agentIdSchema.parse('local');
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** Opens the one-box hub: data folder, store, accounts, broker, API, page. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { clock, log } = options;
  const folder = openDataFolder(options.data);
  const store = openSqliteStore(folder.path('hub.sqlite'));
  const secure = !loopback.has(options.host);
  const identity = await openAccountIdentity({
    path: folder.path('accounts.sqlite'),
    secret: folder.secret('session.secret', makeToken),
    secure,
    log,
  });
  const changes = openLocalChanges(clock);
  const link = openFakeAgentLink();
  const commands = openCommands({ store, link, clock, answers: 'woken' });
  const roster = openRoster({
    store,
    clock,
    defaultAgent: localAgent,
    onDesired: () => undefined,
    onForgetFootage: async () => undefined,
    onChange: (change) => changes.tell(change),
  });
  const parts: ApiParts = {
    store,
    identity,
    roster,
    commands,
    clock,
    log,
    hosts: { names: [options.host, hostname(), `${hostname()}.local`] },
    answerWaitMs: 20_000,
    tokens: folder.tokens,
    visitAgent: async () => {
      throw new Problem('unavailable', 'The agent is not running', { fix: 'Wait a moment.' });
    },
    openChanges: async () => {
      throw new Problem('unavailable', 'No changes yet', { fix: 'Wait a moment.' });
    },
    onSessionEnd: async () => undefined,
    metrics: async () => '',
    addressOf: () => 'unknown',
    ...(options.web === undefined ? {} : { page: openPageFiles(options.web) }),
  };
  const app = openApi(parts);
  const server = await openServer({ ...options, fetch: (request, env) => app.fetch(request, env) });
  const url = `http://localhost:${server.port}`;
  const token = await renewSetupToken({ store, identity });
  return {
    url,
    setupUrl: token === undefined ? undefined : `${url}/setup?token=${token}`,
    brokerUrl: '',
    takeMessage: async () => undefined,
    async close() {
      await server.close();
      identity.close();
      await store.close();
      folder.close();
    },
  };
}
