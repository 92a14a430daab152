import { isIPv6 } from 'node:net';
import { hostname } from 'node:os';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { makeToken } from '@porchlight/base/secrets';
import type { Change } from '@porchlight/contract/changes';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openApi, renewSetupToken, toSecurityHeaders } from '#api';
import { openAlarms } from '#alarms';
import { openLocalChanges } from '#changes';
import { openAccountIdentity, openDataFolder, openSqliteStore } from '#local';
import { openProvisioning } from '#provisioning';
import { openAgentProxy } from '#proxy';
import { openRoster, type Roster, type RosterOptions } from '#roster';
import { openChangeSockets, openServer } from '#serve';
import { openStorage } from '#storage';
import { openWitness } from '#witness';
import { openAgents, type Agents } from './agents.ts';
import { toApiParts } from './api-parts.ts';
import {
  listOwnAddresses,
  openHouseAuthority,
  openHouseGrants,
  openHouseWitnessKey,
  openPageCertificate,
} from './keys.ts';
import { openSupervisorMessages } from './supervisor-messages.ts';

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
const forgetFootageMs = 30 * 86_400_000;

/** Opens the one-box hub, in the order things stand on each other: folder, store, accounts, agents, cameras, API, server. */
export async function openHub(options: HubOptions): Promise<Hub> {
  const { log } = options;
  const closers: (() => unknown)[] = [];
  const opened = <Part extends { close(): unknown }>(part: Part): Part => {
    closers.unshift(() => part.close());
    return part;
  };
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0)) await closer();
  };
  try {
    return { ...(await openParts(options, opened)), close };
  } catch (error) {
    await close();
    log.debug('could not open', { error });
    throw error;
  }
}

type Opened = <Part extends { close(): unknown }>(part: Part) => Part;

async function openParts(options: HubOptions, opened: Opened): Promise<Omit<Hub, 'close'>> {
  const { clock, log } = options;
  const secure = !loopback.has(options.host);
  const names = [...new Set(['localhost', hostname(), options.host, ...(secure ? listOwnAddresses() : [])])];
  const folder = opened(openDataFolder(options.data));
  const paths = { path: folder.path('hub.sqlite'), auditPath: folder.path('audit.sqlite') };
  const store = opened(openSqliteStore(paths));
  const secret = folder.secret('session.secret', makeToken);
  const identity = opened(await openAccountIdentity({ path: folder.path('accounts.sqlite'), secret, secure, log }));
  const authority = await openHouseAuthority(folder, clock);
  const provisioning = openProvisioning({ authority, store, clock, log });
  const grants = await openHouseGrants(folder, clock);
  const changes = openLocalChanges(clock);
  const ground = { store, clock, log, onChange: (change: Change) => changes.tell(change) };
  const alarms = openAlarms(ground);
  const signer = await openHouseWitnessKey(folder, authority);
  const witness = openWitness({ ...ground, alarms, signer, authorityPem: authority.certificatePem });
  const agents = opened(await openAgents({ ...ground, alarms, authority, provisioning, grants, witness }));
  const roster = openHouseRoster({ ...ground, agents });
  const { commands } = agents;
  const storage = openStorage({ ...ground, commands, onDesired: (agent) => agents.pushDesired(agent) });
  const sockets = opened(openChangeSockets({ changes, clock }));
  const proxy = openAgentProxy({
    socketPath: options.agentSocket,
    log,
    headersFor: (incoming) => toSecurityHeaders(incoming.headers.host ?? 'localhost'),
  });
  const { tokens } = folder;
  const standing = {
    ...ground,
    witness,
    alarms,
    storage,
    identity,
    roster,
    agents,
    changes,
    sockets,
    grants,
    proxy,
    tokens,
  };
  const app = openApi(toApiParts({ ...standing, names: [...names, `${hostname()}.local`], web: options.web }));
  const page = secure ? await openPageCertificate(folder, names, clock) : undefined;
  const tls = page ? { tls: { key: page.privateKeyPem, cert: page.certificatePem } } : {};
  const { host, port } = options;
  const server = opened(
    await openServer({ host, port, log, ...tls, fetch: (request, env) => app.fetch(request, env) }),
  );
  const url = toAddress(host, server.port);
  const token = await renewSetupToken({ store, identity });
  const { brokerUrl } = agents;
  return {
    url,
    setupUrl: token === undefined ? undefined : `${url}/setup?token=${token}`,
    brokerUrl,
    takeMessage: openSupervisorMessages({ roster, provisioning, localAgent, brokerUrl, log }),
  };
}

/** Where this box itself opens the page: a server that listens on one address only is not found as localhost. */
function toAddress(host: string, port: number): string {
  if (loopback.has(host)) return `http://localhost:${port}`;
  if (host === '0.0.0.0' || host === '::') return `https://localhost:${port}`;
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

type RosterGround = Pick<RosterOptions, 'store' | 'clock' | 'onChange'> & { readonly agents: Agents };

function openHouseRoster({ agents, ...ground }: RosterGround): Roster {
  return openRoster({
    ...ground,
    defaultAgent: localAgent,
    onDesired: (agent) => agents.pushDesired(agent),
    async onForgetFootage({ agent, camera, beforeMs }) {
      const question = { agent, verb: 'forget-footage', args: { camera, beforeMs } } as const;
      await agents.commands.ask({ ...question, lifetimeMs: forgetFootageMs, createdBy: 'hub' });
    },
  });
}
