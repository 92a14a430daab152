import { join } from 'node:path';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { openBackoff } from '@porchlight/base/retry';
import { openSealingKey } from '@porchlight/base/secrets';
import type { CameraReport, Claim, CommandVerb } from '@porchlight/contract/agent';
import type { AgentId } from '@porchlight/contract/ids';
import type { StorageConfig, StorageStatus } from '@porchlight/contract/storage';
import type { Heads } from '@porchlight/contract/proof';
import { commandTopic, desiredTopic, witnessTopic } from '@porchlight/contract/topics';
import { openAlarmReporter, type StandingAlarms } from './alarm-reporter.ts';
import { openCommandRunner } from './command-runner.ts';
import { openConnection, type Connection, type OutTopic, type Unreachable } from './connection.ts';
import { openDesiredState, type AgentCamera } from './desired-state.ts';
import { openDeviceIdentity, type DeviceIdentity } from './device-identity.ts';
import { provision } from './provision.ts';
import { openRenewal } from './renewal.ts';
import { openReporter } from './reporter.ts';

/** What the hub wants of this agent, credentials opened. */
export type DesiredState = {
  readonly revision: number;
  /** This agent's own name; what `aud` of a media grant must be. */
  readonly agentId: AgentId;
  readonly cameras: readonly AgentCamera[];
  /** Public keys that sign media grants, as JWKs with `kid`. */
  readonly grantKeys: readonly Readonly<Record<string, unknown>>[];
  readonly storage?: StorageConfig;
};

export type LinkOptions = {
  /** Folder for keys, certificate and `desired.json`; files are mode 0600. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Asks whoever started the agent for a claim. May be asked again when the hub refuses what there is. */
  claim(): Promise<Claim>;
  /** Called with the stored state before `openLink` returns, if there is one, and for each newer revision. Must not throw. */
  onDesired(desired: DesiredState): void;
  /** Does what a command asks; the value becomes its answer, a `HouseError` its failure. */
  onCommand(verb: CommandVerb, args: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** How the cameras are now. */
  reports(): readonly CameraReport[];
  /** What is wrong now, and what was until an hour ago. */
  alarms?(): StandingAlarms;
  /** How footage is kept now. */
  storage?(): StorageStatus;
  /** Who the agent is to its hub: before `openLink` returns where that is known, and whenever it changes. */
  onIdentity?(identity: DeviceIdentity): void;
  /** Receipts for what `showHeads` has shown. */
  onWitnessed?(payload: Uint8Array): void;
  /** Called when the hub is reached and when it is lost. */
  onOnline?(online: boolean): void;
};

/** The agent's line to its hub. Recording never waits for it. */
export type Link = {
  readonly online: boolean;
  /** Opens credentials sealed to this agent (a `test-source` command brings some). Throws `HouseError('corrupt')`. */
  openCredentials(sealed: string): { username: string; password: string };
  /** Something about the cameras changed: told within a second. */
  report(): void;
  /** Something about the alarms changed: told within a second. */
  reportAlarms(): void;
  /** Shows the hub how far records have come; lost while there is no connection. */
  showHeads(body: Heads['body']): void;
  close(): Promise<void>;
};

const firstRetryMs = 250;
const longestRetryMs = 10_000;
/** After so many failures in a row the claim is asked for again: the hub may have moved or lost its folder. */
const failuresBeforeClaim = 3;

/**
 * Opens the link: hands over the stored configuration at once, then provisions if need be, connects and stays connected, trying for ever.
 * Never rejects for network trouble.
 */
export function openLink(options: LinkOptions): Link {
  const { clock, log, folder } = options;
  const sealingKey = openSealingKey(join(folder, 'sealing.key'));
  const device = openDeviceIdentity(folder);
  const desired = openDesiredState({
    ...options,
    sealingKey,
    agentId: () => device.current?.agentId,
  });
  const closing = new AbortController();
  if (device.current) options.onIdentity?.(device.current);
  let connection: Connection | undefined;

  const send = (topic: OutTopic, body: object): void => connection?.send(topic, body);
  const tellers = openTellers(options, () => desired.revision, send);
  const run: LinkOptions['onCommand'] = (verb, args) => options.onCommand(verb, args);
  const commands = openCommandRunner({ clock, log, run, answer: (body) => connection?.send('answer', body) });
  const hello = (): void => {
    const facts = { sealingKey: sealingKey.publicKey, version: options.version, revision: desired.revision };
    connection?.send('presence', { online: true, ...facts });
    tellers.start();
    options.onOnline?.(true);
  };
  const onMessage = ({ agentId }: DeviceIdentity, topic: string, payload: Uint8Array): void => {
    if (topic === desiredTopic(agentId)) desired.take(payload);
    if (topic === commandTopic(agentId)) commands.take(agentId, payload);
    if (topic === witnessTopic(agentId)) options.onWitnessed?.(payload);
  };
  /** One connection, from connecting to its end. */
  const connectOnce = async (identity: DeviceIdentity): Promise<Unreachable | 'ended'> => {
    const opened = await openConnection({ identity, clock, signal: closing.signal, onMessage });
    if ('trouble' in opened) return opened;
    connection = opened;
    options.onIdentity?.(identity);
    log.info('connected to the hub', { agent: identity.agentId });
    hello();
    const renewal = followCertificate({ options, device }, identity, opened);
    await opened.ended;
    renewal.cancel();
    connection = undefined;
    tellers.stop();
    options.onOnline?.(false);
    return 'ended';
  };

  const running = keepConnected({ options, device, signal: closing.signal, connectOnce });
  return {
    get online() {
      return connection !== undefined;
    },
    openCredentials: (sealed) => desired.openCredentials(sealed),
    report: () => tellers.report(),
    reportAlarms: () => tellers.reportAlarms(),
    showHeads: (body) => connection?.send('proof', body),
    async close() {
      closing.abort(new Error('the link is closed'));
      tellers.stop();
      await connection?.close();
      await running;
    },
  };
}

/** Whoever tells the hub by themselves while there is a connection: of cameras and storage, and of alarms. */
function openTellers(
  options: LinkOptions,
  revision: () => number,
  send: (topic: 'report' | 'alarm', body: object) => void,
) {
  const { clock } = options;
  const reporter = openReporter({
    clock,
    reports: () => options.reports(),
    storage: () => options.storage?.(),
    revision,
    send: (body) => send('report', body),
  });
  const alarms = openAlarmReporter({
    clock,
    alarms: () => options.alarms?.() ?? { open: [], ended: [] },
    send: (body) => send('alarm', body),
  });
  return {
    start(): void {
      reporter.start();
      if (options.alarms) alarms.start();
    },
    stop(): void {
      reporter.stop();
      alarms.stop();
    },
    report: () => reporter.report(),
    reportAlarms: () => alarms.report(),
  };
}

/** What was renewed is in use now and stays; the next one is asked for when it is time, and connected with. */
function followCertificate(
  { options: { clock, log }, device }: Pick<Keeper, 'options' | 'device'>,
  identity: DeviceIdentity,
  opened: Connection,
): Timer {
  if (identity === device.next) device.keep(identity);
  return openRenewal({
    ...{ clock, log, identity, serial: device.serial, ask: opened.ask },
    onRenewed(next) {
      device.offer(next);
      void opened.close();
    },
  });
}

type Keeper = {
  readonly options: LinkOptions;
  readonly device: ReturnType<typeof openDeviceIdentity>;
  readonly signal: AbortSignal;
  readonly connectOnce: (identity: DeviceIdentity) => Promise<Unreachable | 'ended'>;
};

async function keepConnected({ options, device, signal, connectOnce }: Keeper): Promise<void> {
  const { clock, log } = options;
  const backoff = openBackoff({ firstMs: firstRetryMs, longestMs: longestRetryMs });
  let failures = 0;
  while (!signal.aborted) {
    try {
      if (!device.current) device.keep(await provision({ ...options, serial: device.serial, signal }));
      const identity = device.next ?? device.current;
      const outcome = identity ? await connectOnce(identity) : 'ended';
      if (outcome !== 'ended' && outcome.refused && identity === device.next) {
        log.warn('The hub refuses the renewed certificate: the one before is used', { what: outcome.trouble });
        device.dropNext();
      } else if (outcome === 'ended') {
        backoff.reset();
        failures = 0;
      } else {
        failures++;
        log.debug('the hub is not reached', { what: outcome.trouble, failures });
        if (failures % failuresBeforeClaim === 0) await renew({ options, device, signal }, outcome);
      }
    } catch (error) {
      if (!signal.aborted) log.info('not provisioned yet', { error });
    }
    if (!signal.aborted) await clock.sleep(backoff.nextMs(), signal).catch(() => undefined);
  }
}

/** Looks at a fresh claim: the hub may listen elsewhere, or be another hub than the one that certified us. */
async function renew({ options, device, signal }: Omit<Keeper, 'connectOnce'>, trouble: Unreachable): Promise<void> {
  const claim = await options.claim();
  const { current } = device;
  if (!current) return;
  if (claim.caPem === current.caPem && !trouble.refused) {
    if (claim.brokerUrl !== current.brokerUrl) device.keep({ ...current, brokerUrl: claim.brokerUrl });
    return;
  }
  options.log.warn('the hub does not know this agent: provisioning again');
  device.keep(await provision({ ...options, claim: async () => claim, serial: device.serial, signal }));
}
