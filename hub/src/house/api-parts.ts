import type { Context } from 'hono';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { AgentVisit, ApiParts } from '#api';
import type { Alarms } from '#alarms';
import type { LocalChanges } from '#changes';
import type { MediaGrants } from '#grants';
import type { Identity } from '#identity';
import type { DataFolder } from '#local';
import { writeHubMetrics } from '#metrics';
import type { AgentProxy } from '#proxy';
import type { Roster } from '#roster';
import { openPageFiles, upgraded, type NodeBindings, type openChangeSockets } from '#serve';
import type { Storage } from '#storage';
import type { Store } from '#store';
import type { Witness } from '#witness';
import type { Agents } from './agents.ts';

export type ApiPartsOptions = {
  readonly store: Store;
  readonly identity: Identity;
  readonly roster: Roster;
  readonly clock: Clock;
  readonly log: Log;
  readonly agents: Agents;
  readonly witness: Witness;
  readonly alarms: Alarms;
  readonly storage: Storage;
  readonly changes: LocalChanges;
  readonly sockets: ReturnType<typeof openChangeSockets>;
  readonly grants: MediaGrants;
  readonly proxy: AgentProxy;
  readonly tokens: DataFolder['tokens'];
  /** Names by which this hub may be called. */
  readonly names: readonly string[];
  readonly web: string | undefined;
};

const answerWaitMs = 20_000;
const endSessionMs = 60_000;
const bindingsOf = (context: Context): NodeBindings => context.env as NodeBindings;

/** What the API stands on where the hub is a process: sockets to take over, an agent next door, answers that wake. */
export function toApiParts(options: ApiPartsOptions): ApiParts {
  const { store, identity, roster, clock, log, agents, changes, proxy } = options;
  return {
    ...{ store, identity, roster, clock, log, answerWaitMs },
    commands: agents.commands,
    witness: options.witness,
    alarms: options.alarms,
    storage: options.storage,
    hosts: { names: options.names },
    tokens: options.tokens,
    visitAgent: (visit) => visitAgent(options, visit),
    openChanges: async (context, { sessionId }) => options.sockets.open(bindingsOf(context), sessionId),
    async onSessionEnd(sessionId) {
      changes.endSession(sessionId);
      for (const { id: agent } of await store.listAgents()) {
        const question = { agent, verb: 'end-sessions', args: { sids: [sessionId] } } as const;
        await agents.commands.ask({ ...question, lifetimeMs: endSessionMs, createdBy: 'hub' });
      }
    },
    async metrics() {
      const [cameras, { alarms }, ofAgent] = await Promise.all([
        roster.list(),
        options.alarms.list({ open: true }),
        proxy.metrics(),
      ]);
      const counts = { agents: agents.connected, pages: changes.listeners, agentUp: ofAgent !== undefined };
      return `${writeHubMetrics({ cameras, alarms, process: counts })}${ofAgent ?? ''}`;
    },
    addressOf: (context) => bindingsOf(context).incoming.socket.remoteAddress ?? 'unknown',
    ...(options.web === undefined ? {} : { page: openPageFiles(options.web) }),
  };
}

/** Passes a request on to the agent beside the hub, with a fresh grant in place of the session. */
async function visitAgent({ grants, proxy }: ApiPartsOptions, visit: AgentVisit): Promise<Response> {
  const { context, caller, camera, cameras, action } = visit;
  const { incoming, outgoing, socket, head } = bindingsOf(context);
  const token = await grants.sign({ agent: camera.agentId, ...caller, camera: camera.id, cameras, action });
  const authorization = `Bearer ${token}`;
  if (socket && head) await proxy.upgrade({ incoming, socket, head, authorization });
  else if (outgoing) await proxy.pass({ incoming, outgoing, authorization });
  return new Response(null, { headers: { [upgraded]: 'true' } });
}
