import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { Change } from '@porchlight/contract/changes';
import type { AgentId } from '@porchlight/contract/ids';
import { openAgentWatch, type Alarms } from '#alarms';
import type { MediaGrants } from '#grants';
import { openAgentInbox, openCommands, sendDesired, setPresence, type AgentLink, type Commands } from '#link';
import { openBroker, type Broker, type BrokerOptions } from '#local';
import type { Authority, Provisioning } from '#provisioning';
import type { Store } from '#store';
import type { Witness } from '#witness';

export type AgentsOptions = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: Authority;
  readonly provisioning: Provisioning;
  readonly grants: MediaGrants;
  readonly witness: Witness;
  readonly alarms: Alarms;
  onChange(change: Change): void;
};

/** All that has to do with agents, wired: broker, inbox, commands, configuration. */
export type Agents = {
  readonly commands: Commands;
  readonly brokerUrl: string;
  readonly connected: number;
  /** Sends an agent what it should have; soon, and once for many changes. */
  pushDesired(agent: AgentId): void;
  close(): Promise<void>;
};

const brokerHost = '127.0.0.1';
const portSetting = 'broker-port';

/** Opens the broker on loopback and connects it with the store. Agents of an earlier run count as away until they call. */
export async function openAgents(options: AgentsOptions): Promise<Agents> {
  const { store, clock, log } = options;
  for (const agent of await store.listAgents()) {
    if (agent.online) await store.setPresence(agent.id, { online: false, atMs: clock.nowMs() });
  }
  const running: { broker?: Broker } = {};
  const link: AgentLink = {
    async send(agent, topic, payload) {
      await running.broker?.send(agent, topic, payload);
    },
  };
  const commands = openCommands({ store, link, clock, answers: 'woken' });
  const desired = { store, link, clock, grantKeys: options.grants.publicKeys };
  const watch = openAgentWatch(options);
  const inbox = openAgentInbox({
    ...options,
    commands,
    link,
    onHeard: (agent, saidMs) => watch.heard(agent, saidMs),
    onHello: async (agent, revision) => void (await sendDesired(desired, agent, revision)),
  });
  const failed = (what: string) => (error: unknown) => log.error('could not handle an agent', { what, error });

  const broker = await openOnKeptPort(store, {
    host: brokerHost,
    tls: await toTls(options.authority),
    provisioning: options.provisioning,
    log,
    onMessage: (agent, topic, payload) => void inbox.receive(agent, topic, payload).catch(failed(topic)),
    onGone: (agent) => void setPresence(options, agent, { online: false }).catch(failed('gone')),
  });
  running.broker = broker;
  const pending = new Set<AgentId>();
  return {
    commands,
    brokerUrl: `mqtts://${brokerHost}:${broker.port}`,
    get connected() {
      return broker.connected;
    },
    pushDesired(agent) {
      if (pending.has(agent)) return;
      pending.add(agent);
      queueMicrotask(() => {
        pending.delete(agent);
        void sendDesired(desired, agent).catch(failed('desired'));
      });
    },
    async close() {
      watch.close();
      await broker.close();
    },
  };
}

async function toTls(authority: Authority): Promise<BrokerOptions['tls']> {
  const issued = await authority.issueServer([brokerHost, 'localhost']);
  return { key: issued.privateKeyPem, cert: issued.certificatePem, ca: authority.certificatePem };
}

/** The port is chosen once and kept, so that agents find the broker again; if somebody else took it meanwhile, another is chosen. */
async function openOnKeptPort(store: Store, options: Omit<BrokerOptions, 'port'>): Promise<Broker> {
  const kept = Number((await store.findSetting(portSetting)) ?? 0);
  const broker = await openBroker({ ...options, port: kept }).catch((error: unknown) => {
    if (kept === 0 || !(error instanceof HouseError) || error.kind !== 'conflict') throw error;
    options.log.warn('the kept broker port is taken, choosing another', { port: kept });
    return openBroker({ ...options, port: 0 });
  });
  if (broker.port !== kept) await store.putSetting(portSetting, String(broker.port));
  return broker;
}
