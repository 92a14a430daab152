import { createServer, type TLSSocket } from 'node:tls';
import type { AddressInfo, Server } from 'node:net';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { AgentId } from '@porchlight/contract/ids';
import {
  accepted,
  alarmTopic,
  answerTopic,
  commandTopic,
  createFromCsrTopic,
  desiredTopic,
  maxPayloadBytes,
  presenceTopic,
  proofTopic,
  provisioningTemplate,
  provisionTopic,
  rejected,
  reportTopic,
  witnessTopic,
} from '@porchlight/contract/topics';
import type { AgentLink, InboxTopic, LinkTopic } from '#link';
import { toFingerprint, type Bearer, type Provisioning, type ProvisioningReply } from '#provisioning';

export type BrokerOptions = {
  /** Loopback on one box. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly provisioning: Provisioning;
  readonly log: Log;
  /** A message of an agent whose certificate and topic were checked. */
  onMessage(agent: AgentId, topic: InboxTopic, payload: Uint8Array): void;
  /** The agent's connection is gone and no newer one has taken its place. */
  onGone(agent: AgentId): void;
};

export type Broker = AgentLink & {
  readonly port: number;
  /** Agents connected now. */
  readonly connected: number;
  close(): Promise<void>;
};

const provisionName = provisionTopic(provisioningTemplate);
const claimPublishes: readonly string[] = [createFromCsrTopic, provisionName];
const claimReads: readonly string[] = claimPublishes.flatMap((topic) => [accepted(topic), rejected(topic)]);
const toTopics = (agent: AgentId): Readonly<Record<string, InboxTopic>> => ({
  [presenceTopic(agent)]: 'presence',
  [reportTopic(agent)]: 'report',
  [answerTopic(agent)]: 'answer',
  [proofTopic(agent)]: 'proof',
  [alarmTopic(agent)]: 'alarm',
});
/** What an agent may read beside answers to its own requests for a certificate. */
const toName: Readonly<Record<LinkTopic, (agent: AgentId) => string>> = {
  desired: desiredTopic,
  command: commandTopic,
  witness: witnessTopic,
};
/** Messages an agent may send in one second; more ends its connection. */
const mostPerSecond = 200;

type State = { readonly bearer: Bearer; windowMs: number; messages: number };
type Packet = { topic: string; payload: string | Buffer; qos: 0 | 1 | 2; retain: boolean };

/**
 * The embedded MQTT broker: TLS 1.2+, client certificates of this hub's authority only. Each certificate may publish and read exactly its own
 * topics; nothing is retained or queued. Provisioning requests are answered to the client that made them. Port taken: throws
 * `HouseError('conflict')`. @see MQTT 3.1.1
 */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { log } = options;
  const states = new WeakMap<Client, State>();
  const current = new Map<AgentId, Client>();
  const aedes = await Aedes.createBroker({
    ...{ connectTimeout: 10_000, keepaliveLimit: 60, maxTopicLevels: 8, queueLimit: 64, heartbeatInterval: 60_000 },
    authenticate(client, _user, _password, done) {
      void identify(options.provisioning, client).then(
        (bearer) => {
          if (bearer) states.set(client, { bearer, windowMs: 0, messages: 0 });
          done(bearer ? null : notAuthorized(), bearer !== undefined);
        },
        (error: unknown) => {
          log.error('could not identify a client', { error });
          done(notAuthorized(), false);
        },
      );
    },
    authorizePublish: (client, packet, done) => done(checkPublish(client ? states.get(client) : undefined, packet)),
    authorizeSubscribe(client, subscription, done) {
      const bearer = states.get(client)?.bearer;
      const allowed = bearer !== undefined && toReadable(bearer).includes(subscription.topic) && subscription.qos < 2;
      done(allowed ? null : new Error(`may not read ${subscription.topic.slice(0, 128)}`), subscription);
    },
    published(packet, client, done) {
      const state = client ? states.get(client) : undefined;
      if (state) take({ options, current, client, bearer: state.bearer }, packet);
      done();
    },
  });
  aedes.on('clientReady', (client) => {
    const bearer = states.get(client)?.bearer;
    if (bearer?.kind !== 'agent') return;
    current.set(bearer.agentId, client);
    options.provisioning
      .noteConnected(bearer.agentId, bearer.fingerprint)
      .catch((error: unknown) => log.error('could not revoke what was renewed', { error }));
  });
  aedes.on('clientDisconnect', (client) => {
    const bearer = states.get(client)?.bearer;
    if (bearer?.kind !== 'agent' || current.get(bearer.agentId) !== client) return;
    current.delete(bearer.agentId);
    options.onGone(bearer.agentId);
  });
  for (const event of ['clientError', 'connectionError'] as const) {
    aedes.on(event, (_client, error) => log.info('broker client', { what: error.message }));
  }
  const server = await listen(options, (socket) => void aedes.handle(socket));
  return {
    port: (server.address() as AddressInfo).port,
    get connected() {
      return current.size;
    },
    send: (agent, topic, payload) => publish(aedes, toName[topic](agent), payload),
    close: () => new Promise((resolve) => aedes.close(() => server.close(() => resolve()))),
  };
}

function publish(aedes: Aedes, topic: string, payload: string): Promise<void> {
  const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
  return new Promise((resolve, reject) => aedes.publish(packet, (error) => (error ? reject(error) : resolve())));
}

async function identify(provisioning: Provisioning, client: Client): Promise<Bearer | undefined> {
  const socket = client.conn as TLSSocket;
  const { raw } = socket.authorized ? socket.getPeerCertificate() : { raw: undefined };
  if (!raw) return undefined;
  const bearer = await provisioning.identify(toFingerprint(raw));
  // As with IoT Core the client id is the thing's name, so that a newer connection replaces the older one.
  return bearer?.kind === 'agent' && client.id !== bearer.agentId ? undefined : bearer;
}

function checkPublish(state: State | undefined, packet: Packet): Error | null {
  if (!state) return new Error('unknown client');
  const { bearer } = state;
  const topics =
    bearer.kind === 'claim' ? claimPublishes : [...Object.keys(toTopics(bearer.agentId)), ...claimPublishes];
  if (!topics.includes(packet.topic)) return new Error(`may not write ${packet.topic.slice(0, 128)}`);
  if (packet.qos > 1 || packet.retain) return new Error('only QoS 0 and 1, nothing retained');
  if (packet.payload.length > maxPayloadBytes) return new Error('message too long');
  const second = Math.floor(process.uptime());
  if (state.windowMs !== second) Object.assign(state, { windowMs: second, messages: 0 });
  state.messages++;
  return state.messages > mostPerSecond ? new Error('too many messages') : null;
}

function toReadable(bearer: Bearer): readonly string[] {
  const own = bearer.kind === 'claim' ? [] : Object.values(toName).map((name) => name(bearer.agentId));
  return [...own, ...claimReads];
}

type Delivery = {
  readonly options: BrokerOptions;
  readonly current: Map<AgentId, Client>;
  readonly client: Client;
  readonly bearer: Bearer;
};

function take({ options, current, client, bearer }: Delivery, packet: Packet): void {
  const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
  if (bearer.kind === 'agent' && !claimPublishes.includes(packet.topic)) {
    const topic = toTopics(bearer.agentId)[packet.topic];
    // The last will of a connection that a newer one replaced says nothing about the agent.
    const replaced = current.get(bearer.agentId) !== client;
    if (topic !== undefined && !replaced) options.onMessage(bearer.agentId, topic, payload);
    return;
  }
  void answerRequest({ options, current, client, bearer }, packet.topic, payload).catch((error: unknown) => {
    options.log.error('provisioning failed', { error });
    client.close();
  });
}

async function answerRequest(delivery: Delivery, topic: string, payload: Buffer): Promise<void> {
  const { options, client, bearer, current } = delivery;
  const value = parseJson(payload);
  let reply: ProvisioningReply;
  if (topic === createFromCsrTopic) reply = await options.provisioning.createFromCsr(bearer, value);
  else {
    const provisioned = await options.provisioning.provision(bearer, value);
    reply = provisioned;
    const agent = provisioned.accepted ? (provisioned.body as { thingName: AgentId }).thingName : undefined;
    if (agent !== undefined && provisioned.revoked.length > 0) current.get(agent)?.close();
  }
  const answer = reply.accepted ? accepted(topic) : rejected(topic);
  const body = JSON.stringify(reply.body);
  const packet = { cmd: 'publish', topic: answer, payload: body, qos: 0, retain: false, dup: false } as const;
  client.publish(packet, (error) => error && options.log.info('a claimant left', { what: error.message }));
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString()) as unknown;
  } catch {
    return undefined;
  }
}

function notAuthorized(): AuthenticateError {
  const error: Partial<AuthenticateError> & Error = new Error('not authorized');
  error.returnCode = 5;
  return error as AuthenticateError;
}

function listen(options: BrokerOptions, onSocket: (socket: TLSSocket) => void): Promise<Server> {
  const { tls, host, port, log } = options;
  const server = createServer(
    { ...tls, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2', handshakeTimeout: 10_000 },
    onSocket,
  );
  server.on('tlsClientError', (error) => log.info('refused a TLS client', { what: error.message }));
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new HouseError('conflict', `The broker cannot listen on ${host}:${port} (${cause.code})`, { cause })),
    );
    server.listen(port, host, () => resolve(server));
  });
}
