import type { Context, Hono } from 'hono';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { Signer } from '@porchlight/base/signing';
import type { AgentId } from '@porchlight/contract/ids';
import { openAlarms } from '@porchlight/hub/alarms';
import { openStorage } from '@porchlight/hub/storage';
import { openApi, Problem, type HostPolicy } from '@porchlight/hub/api';
import type { Identity } from '@porchlight/hub/identity';
import { openAgentInbox, openCommands, sendDesired, type AgentInbox, type AgentLink } from '@porchlight/hub/link';
import { writeHubMetrics } from '@porchlight/hub/metrics';
import { openRoster } from '@porchlight/hub/roster';
import type { Store } from '@porchlight/hub/store';
import { openWitness } from '@porchlight/hub/witness';

/** What outlives an instance: ports to services, and settings. */
export type HubServices = {
  readonly store: Store;
  readonly identity: Identity;
  readonly link: AgentLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly hosts: HostPolicy;
  readonly tokens: { readonly owner?: string; readonly metrics?: string };
  /** The agent that cameras go to while none has called. */
  readonly defaultAgent: AgentId;
  /** Signs receipts for what agents show of their records, and the certificate of who signed the signer's. */
  readonly witness: { readonly signer: Signer; readonly authorityPem: string };
  /** Public keys that sign media grants, as JWKs. */
  readonly grantKeys: readonly Readonly<Record<string, unknown>>[];
};

/** One instance of the hub on Lambda: it remembers nothing between requests. */
export type HubInstance = { readonly app: Hono; readonly inbox: AgentInbox };

const forgetFootageMs = 30 * 86_400_000;
const endSessionMs = 60_000;

/** Makes an instance over the services. Answers of agents may arrive at another one, so a waiting request reads its row again. */
export function openHubInstance(services: HubServices): HubInstance {
  const { store, identity, link, clock, log } = services;
  const alarms = openAlarms({ store, clock, onChange: () => undefined });
  const witness = openWitness({ store, alarms, clock, log, ...services.witness });
  const commands = openCommands({ store, link, clock, answers: 'polled' });
  const desired = { store, link, clock, grantKeys: services.grantKeys };
  const onDesired = async (agent: AgentId): Promise<void> => void (await sendDesired(desired, agent));
  const roster = openRoster({
    ...{ store, clock, defaultAgent: services.defaultAgent, onChange: () => undefined },
    onDesired,
    async onForgetFootage({ agent, camera, beforeMs }) {
      const question = { agent, verb: 'forget-footage', args: { camera, beforeMs } } as const;
      await commands.ask({ ...question, lifetimeMs: forgetFootageMs, createdBy: 'hub' });
    },
  });
  const storage = openStorage({ store, commands, onDesired, onChange: () => undefined });
  const app = openApi({
    ...{ store, identity, roster, commands, alarms, storage, witness, clock, log },
    hosts: services.hosts,
    tokens: services.tokens,
    answerWaitMs: 0,
    visitAgent: ({ camera }) => Promise.reject(toElsewhere(camera.agentId)),
    openChanges: () => Promise.reject(noSockets()),
    async onSessionEnd(sessionId) {
      for (const { id: agent } of await store.listAgents()) {
        const question = { agent, verb: 'end-sessions', args: { sids: [sessionId] } } as const;
        await commands.ask({ ...question, lifetimeMs: endSessionMs, createdBy: 'hub' });
      }
    },
    metrics: async () =>
      writeHubMetrics({ cameras: await roster.list(), alarms: (await alarms.list({ open: true })).alarms }),
    addressOf,
  });
  const inbox = openAgentInbox({
    ...{ store, commands, alarms, witness, link, clock, log, onChange: () => undefined },
    onHello: async (agent, revision) => void (await sendDesired(desired, agent, revision)),
  });
  return { app, inbox };
}

/** Pictures never pass through Lambda: the caller is told which agent to call. */
function toElsewhere(agent: AgentId): Problem {
  return new Problem('unavailable', 'The agent answers this, not this address', {
    status: 421,
    reason: 'ask-agent',
    fix: 'Connect to the agent named here and ask it.',
    connect: { agent },
  });
}

function noSockets(): Problem {
  return new Problem('unavailable', 'This address has no WebSockets', {
    status: 421,
    reason: 'no-sockets',
    fix: 'Read again from time to time.',
  });
}

/** @see API Gateway HTTP API payload 2.0 `requestContext.http.sourceIp` */
function addressOf(context: Context): string {
  const env = context.env as { event?: { requestContext?: { http?: { sourceIp?: unknown } } } } | undefined;
  const address = env?.event?.requestContext?.http?.sourceIp;
  return typeof address === 'string' ? address : 'unknown';
}
