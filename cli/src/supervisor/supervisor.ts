import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Clock } from '@porchlight/base/clock';
import { agentEnv, agentFlags } from './agent-flags.ts';
import { openChild, type Child, type ChildMessage } from './child.ts';

export type SupervisorOptions = {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly logLevel: string;
  /** Cameras to make sure of, by name and address. */
  readonly cameras: readonly { readonly name: string; readonly url: string }[];
  readonly demo: boolean;
  readonly clock: Clock;
  /** Called each time the hub is ready; `setupUrl` only while no account exists. */
  onReady(ready: { url: string; setupUrl: string | undefined }): void;
  /** The hub said why it cannot start; the supervisor has stopped. */
  onFailed(message: string): void;
};

export type Supervisor = {
  /** Finishes open segments and ends both processes; at most 5 s. */
  close(): Promise<void>;
};

const root = resolve(import.meta.dirname, '../../..');
const stopGraceMs = 4_500;
const maxRefusals = 5;

/** A path for the agent's local socket; in the data folder unless that path is too long for the platform (about 100 bytes). */
export function toSocketPath(dataFolder: string): string {
  const digest = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\porchlight-${digest}`;
  const inside = join(resolve(dataFolder), 'agent', 'agent.sock');
  return Buffer.byteLength(inside) <= 90 ? inside : join(tmpdir(), `porchlight-${digest}.sock`);
}

function toHubArgs(options: SupervisorOptions, socketPath: string): string[] {
  const { dataFolder, host, port, logLevel } = options;
  return [
    ...['--data', join(dataFolder, 'hub'), '--host', host, '--port', String(port)],
    ...['--agent-socket', socketPath, '--web', join(root, 'web/dist'), '--level', logLevel],
  ];
}

function toAgentArgs(options: SupervisorOptions, socketPath: string): string[] {
  const { dataFolder, logLevel } = options;
  return [
    ...['--data', join(dataFolder, 'agent'), '--archive', join(dataFolder, 'archive')],
    ...['--socket', socketPath, '--level', logLevel],
  ];
}

/** Compiled code is kept between starts. */
function toEnv({ dataFolder }: SupervisorOptions): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(dataFolder, 'cache') };
}

type AgentEvents = { onClaim(message: ChildMessage): void; onRefused(): void };

function openAgent(options: SupervisorOptions, socketPath: string, events: AgentEvents): Child {
  let refusals = 0;
  return openChild({
    name: 'agent',
    entry: join(root, 'agent/src/main.ts'),
    args: () => toAgentArgs(options, socketPath),
    flags: agentFlags,
    env: { ...toEnv(options), ...agentEnv },
    clock: options.clock,
    onMessage: (message) => (message.kind === 'claim' ? events.onClaim(message) : undefined),
    onExit(code) {
      // Another agent may be about to leave the folder; one that stays is told in words.
      refusals = code === 2 ? refusals + 1 : 0;
      if (refusals > maxRefusals) events.onRefused();
      return refusals <= maxRefusals;
    },
  });
}

/** Starts hub and agent and passes messages between them. @see docs/design/0001-house-and-main-job.md "processes" */
export function openSupervisor(options: SupervisorOptions): Supervisor {
  const { clock, dataFolder } = options;
  const socketPath = toSocketPath(dataFolder);
  const readyFile = join(dataFolder, 'ready.json');
  let closed: Promise<void> | undefined;
  let failure: string | undefined;
  const waitingClaims: ChildMessage[] = [];
  let hubReady = false;
  // A port that the system chose is kept: pages that are open find the hub again after a restart.
  let { port } = options;

  const onHubMessage = (message: ChildMessage): void => {
    if (message.kind === 'failed') failure = String(message['message']);
    if (message.kind === 'claim') agent.send(message);
    if (message.kind !== 'ready') return;
    hubReady = true;
    const url = String(message['url']);
    port = Number(new URL(url).port) || port;
    const setupUrl = typeof message['setupUrl'] === 'string' ? message['setupUrl'] : undefined;
    writeFileSync(readyFile, `${JSON.stringify({ url, setupUrl, pid: process.pid })}\n`, { mode: 0o600 });
    for (const camera of options.cameras) hub.send({ kind: 'add-camera', name: camera.name, url: camera.url });
    if (options.demo) hub.send({ kind: 'ensure-demo' });
    for (const claim of waitingClaims.splice(0)) hub.send(claim);
    options.onReady({ url, setupUrl });
  };

  // Compiled code is kept: a start is a third quicker and, without the type stripper, 30 MB smaller.
  const hub: Child = openChild({
    name: 'hub',
    entry: join(root, 'hub/src/main.ts'),
    args: () => toHubArgs({ ...options, port }, socketPath),
    env: toEnv(options),
    clock,
    onMessage: onHubMessage,
    onExit(code) {
      hubReady = false;
      if (code !== 2) return true;
      giveUp(failure ?? 'The hub cannot start; see the lines above.');
      return false;
    },
  });

  const agent = openAgent(options, socketPath, {
    onClaim: (message) => (hubReady ? hub.send(message) : void waitingClaims.push(message)),
    onRefused: () => giveUp('The agent cannot start; see the lines above.'),
  });
  const giveUp = (message: string): void => void supervisor.close().then(() => options.onFailed(message));

  const supervisor: Supervisor = {
    close() {
      closed ??= Promise.all([agent.stop(stopGraceMs), hub.stop(stopGraceMs)]).then(() => {
        rmSync(readyFile, { force: true });
      });
      return closed;
    },
  };
  return supervisor;
}
