import { randomUUID } from 'node:crypto';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock } from '@porchlight/base/clock';
import {
  alarmTopic,
  answerTopic,
  commandTopic,
  desiredTopic,
  presenceTopic,
  proofTopic,
  reportTopic,
  witnessTopic,
} from '@porchlight/contract/topics';
import type { AgentId } from '@porchlight/contract/ids';
import type { DeviceIdentity } from './device-identity.ts';
import { openDialogue, type Dialogue } from './provision.ts';

/** What an agent says. */
export type OutTopic = 'presence' | 'report' | 'answer' | 'proof' | 'alarm';

/** Why there is no connection. `refused`: the broker is there but does not want this certificate. */
export type Unreachable = { readonly trouble: string; readonly refused: boolean };

/** A connection with its topics subscribed. */
export type Connection = {
  /** Wraps a body in an envelope and sends it; lost when the connection is. */
  send(topic: OutTopic, body: object): void;
  /** Asks the hub something and waits for its answer. */
  readonly ask: Dialogue;
  /** Resolves when the connection is over. */
  readonly ended: Promise<void>;
  /** Says goodbye and ends it. */
  close(): Promise<void>;
};

export type ConnectionOptions = {
  readonly identity: DeviceIdentity;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  onMessage(identity: DeviceIdentity, topic: string, payload: Uint8Array): void;
};

/** A silent agent is noticed after one and a half of these (MQTT 3.1.1, 3.1.2.10). */
const keepaliveSeconds = 5;
const connectMs = 5_000;

/** Connects once. Trouble is a value: the caller tries again. */
export async function openConnection(options: ConnectionOptions): Promise<Connection | Unreachable> {
  const { identity, clock, signal } = options;
  const { agentId } = identity;
  const wrap = (body: object): string => JSON.stringify({ v: 1, id: randomUUID(), atMs: clock.nowMs(), body });
  const client = mqtt.connect(identity.brokerUrl, {
    protocolVersion: 4,
    clean: true,
    clientId: agentId,
    reconnectPeriod: 0,
    connectTimeout: connectMs,
    keepalive: keepaliveSeconds,
    ca: identity.caPem,
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    will: { topic: presenceTopic(agentId), payload: Buffer.from(wrap({ online: false })), qos: 1, retain: false },
  });
  const trouble = await untilConnected(client, signal);
  if (trouble) {
    client.end(true);
    return trouble;
  }
  const ended = new Promise<void>((resolve) => client.once('close', resolve));
  client.on('error', () => client.end(true));
  client.on('message', (topic, payload) => options.onMessage(identity, topic, payload));
  try {
    await client.subscribeAsync([desiredTopic(agentId), commandTopic(agentId), witnessTopic(agentId)], { qos: 1 });
  } catch (error) {
    client.end(true);
    return { trouble: String(error), refused: false };
  }
  const send = (topic: OutTopic, body: object): void => {
    if (client.connected) client.publish(nameOf(topic, agentId), wrap(body), { qos: topic === 'report' ? 0 : 1 });
  };
  return {
    send,
    ask: openDialogue(client, { clock, signal }),
    ended,
    async close() {
      try {
        if (client.connected) await client.publishAsync(presenceTopic(agentId), wrap({ online: false }), { qos: 0 });
        await client.endAsync(false);
      } catch {
        // It was ending already: the last will says the same.
      }
    },
  };
}

function nameOf(topic: OutTopic, agentId: AgentId): string {
  if (topic === 'presence') return presenceTopic(agentId);
  if (topic === 'proof') return proofTopic(agentId);
  if (topic === 'alarm') return alarmTopic(agentId);
  return topic === 'report' ? reportTopic(agentId) : answerTopic(agentId);
}

function untilConnected(client: MqttClient, signal: AbortSignal): Promise<Unreachable | undefined> {
  return new Promise((resolve) => {
    const fail = (trouble: string, refused: boolean): void => resolve({ trouble, refused });
    client.once('connect', () => resolve(undefined));
    client.on('error', (error) => fail(error.message, isRefusal(error)));
    client.once('close', () => fail('the connection was closed', false));
    if (signal.aborted) fail('closing', false);
    signal.addEventListener('abort', () => fail('closing', false), { once: true });
  });
}

/** CONNACK 4 or 5 (MQTT 3.1.1, 3.2.2.3), or a TLS alert about a certificate: ours or the broker's. */
function isRefusal(error: Error & { code?: string | number }): boolean {
  if (error.code === 4 || error.code === 5) return true;
  return /alert|certificate|self.signed|unable to verify/i.test(`${error.message} ${error.code ?? ''}`);
}
