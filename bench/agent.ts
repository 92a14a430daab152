/** Starts an agent by itself, without a hub, and reads its metrics from its local socket. */
import { mkdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { agentEnv, agentFlags } from '../cli/src/supervisor/index.ts';
import { cacheFolder, root, sleep, startProgram } from './measure.ts';

export type RunningAgent = { readonly pid: number; readonly socketPath: string; stop(): Promise<void> };

/** Starts the agent's own entry on a camera file; resolves when its socket answers. */
export async function startAgent(options: {
  folder: string;
  camerasFile: string;
  env?: Record<string, string>;
  nodeFlags?: readonly string[];
  /** What it logs; warnings unless given. */
  level?: 'warn' | 'error';
}): Promise<RunningAgent> {
  mkdirSync(options.folder, { recursive: true });
  const socketPath = join(options.folder, 'agent.sock');
  const { folder } = options;
  const flags = ['--disable-warning=ExperimentalWarning', ...(options.nodeFlags ?? agentFlags)];
  const paths = ['--data', join(folder, 'agent'), '--archive', join(folder, 'archive'), '--socket', socketPath];
  const level = ['--level', options.level ?? 'warn'];
  const program = await startProgram(
    process.execPath,
    [...flags, join(root, 'agent/src/main.ts'), ...paths, ...level, '--cameras', options.camerasFile],
    { env: { ...agentEnv, NODE_COMPILE_CACHE: join(cacheFolder, 'compiled'), ...options.env } },
  );
  for (let tries = 0; ; tries++) {
    try {
      await agentGet(socketPath, '/metrics');
      return { pid: program.pid, socketPath, stop: () => program.stop() };
    } catch (error) {
      if (tries > 600) throw error;
      await sleep(100);
    }
  }
}

/** GET over the agent's local socket. */
export function agentGet(socketPath: string, path: string): Promise<string> {
  return new Promise((done, failed) => {
    const call = request({ socketPath, path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () =>
        response.statusCode === 200 ? done(text) : failed(new Error(`${path}: ${response.statusCode} ${text}`)),
      );
    });
    call.on('error', failed);
    call.end();
  });
}

/** Prometheus text as sums over all label sets of a name. */
export async function agentMetrics(socketPath: string): Promise<{ text: string; sum(name: string): number }> {
  const text = await agentGet(socketPath, '/metrics');
  return {
    text,
    sum: (name) =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? ([0-9.e+-]+)`, 'gm'))].reduce(
        (total, match) => total + Number(match[1]),
        0,
      ),
  };
}

/** Configurations of so many simulated cameras, recorded over TCP. */
export function camerasOf(base: string, count: number): object[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `cam${index + 1}`,
    name: `cam${index + 1}`,
    sourceKind: 'rtsp',
    url: `${base}/cam${index + 1}`,
    transport: 'tcp',
    paused: false,
    createdMs: 0,
  }));
}
