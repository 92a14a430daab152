import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import mqtt, { type MqttClient } from 'mqtt';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import {
  certificateCreatedSchema,
  provisionedSchema,
  provisionRejectedSchema,
  type Claim,
} from '@porchlight/contract/agent';
import { accepted, createFromCsrTopic, provisionTopic, rejected } from '@porchlight/contract/topics';
import type { DeviceIdentity } from './device-identity.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const answerMs = 10_000;

export type ProvisionOptions = {
  readonly clock: Clock;
  /** Stays with the device when its certificate changes. */
  readonly serial: string;
  readonly signal: AbortSignal;
  claim(): Promise<Claim>;
};

/**
 * Comes to a certificate by claim: makes a key, has its request signed, shows the ownership token. The key never leaves this machine. Throws
 * `HouseError('unavailable')` when the hub does not answer and `forbidden` when it refuses. @see AWS IoT Core "Provisioning by claim"
 */
export async function provision(options: ProvisionOptions): Promise<DeviceIdentity> {
  const claim = await options.claim();
  const client = await connect(claim, options.serial);
  try {
    const { caPem, brokerUrl, template } = claim;
    const made = await requestCertificate(openDialogue(client, options), { template, serial: options.serial });
    return { ...made, caPem, brokerUrl, template };
  } finally {
    client.end(true);
  }
}

/** Asks on a topic of the hub and gives its answer. */
export type Dialogue = ReturnType<typeof openDialogue>;

type Made = Pick<DeviceIdentity, 'agentId' | 'privateKeyPem' | 'certificatePem'>;

/** A key of its own, signed by the hub, for whoever speaks: a claim, or an agent with the certificate that it has. */
export async function requestCertificate(
  ask: Dialogue,
  { template, serial }: { readonly template: string; readonly serial: string },
): Promise<Made> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  x509.cryptoProvider.set(webcrypto);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: 'CN=Porchlight agent',
    keys,
    signingAlgorithm: algorithm,
  });
  const created = await ask(createFromCsrTopic, certificateCreatedSchema, {
    certificateSigningRequest: request.toString('pem'),
  });
  const { thingName: agentId } = await ask(provisionTopic(template), provisionedSchema, {
    certificateOwnershipToken: created.certificateOwnershipToken,
    parameters: { SerialNumber: serial },
  });
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const privateKeyPem = x509.PemConverter.encode(der, 'PRIVATE KEY');
  return { agentId, privateKeyPem, certificatePem: created.certificatePem };
}

async function connect(claim: Claim, serial: string): Promise<MqttClient> {
  try {
    return await mqtt.connectAsync(claim.brokerUrl, {
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: answerMs,
      clientId: `claim-${serial.slice(0, 8)}`,
      ca: claim.caPem,
      cert: claim.certificatePem,
      key: claim.privateKeyPem,
    });
  } catch (cause) {
    throw new HouseError('unavailable', 'The hub’s broker does not take the claim', { cause });
  }
}

/** Asks on a topic and waits for the answer on its `accepted` or `rejected` one. */
export function openDialogue(client: MqttClient, { clock, signal }: Pick<ProvisionOptions, 'clock' | 'signal'>) {
  return async <Value>(topic: string, schema: { parse(value: unknown): Value }, body: object): Promise<Value> => {
    await client.subscribeAsync([accepted(topic), rejected(topic)], { qos: 1 });
    const answer = new Promise<Value>((resolve, reject) => {
      const timer = clock.after(answerMs, () => fail(new HouseError('unavailable', 'The hub does not answer')));
      const fail = (error: Error): void => {
        timer.cancel();
        reject(error);
      };
      signal.addEventListener('abort', () => fail(signal.reason as Error), { once: true });
      client.once('close', () => fail(new HouseError('unavailable', 'The hub closed the connection')));
      client.on('message', (name, payload) => {
        if (name !== accepted(topic) && name !== rejected(topic)) return;
        timer.cancel();
        try {
          const value: unknown = JSON.parse(payload.toString());
          if (name === accepted(topic)) resolve(schema.parse(value));
          else fail(new HouseError('forbidden', provisionRejectedSchema.parse(value).errorMessage));
        } catch (cause) {
          fail(new HouseError('corrupt', 'The hub’s answer makes no sense', { cause }));
        }
      });
    });
    answer.catch(() => undefined);
    await client.publishAsync(topic, JSON.stringify(body), { qos: 1 });
    return answer;
  };
}
