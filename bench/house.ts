/** Starts the whole product as a user would and speaks to its API with the local token. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { processTree, sleep } from './measure.ts';
import { openFolder, root, startProgram } from './program.ts';

export type House = {
  readonly url: string;
  readonly folder: string;
  readonly setupUrl: string | undefined;
  /** Milliseconds from starting the command to its ready file. */
  readonly readyMs: number;
  /** Process id of the command. */
  readonly pid: number;
  /** Process id of a part: `hub` or `agent`. */
  pidOf(part: 'hub' | 'agent'): number;
  /** Header that lets a script of this user in. */
  readonly authorization: string;
  api(path: string, init?: RequestInit): Promise<Response>;
  stop(options?: { keep: boolean }): Promise<void>;
};

/** Starts `porchlight start` on a port of its own. */
export async function startHouse(args: readonly string[], folder?: string): Promise<House> {
  const data = folder ?? openFolder('house');
  rmSync(join(data, 'ready.json'), { force: true });
  const startMs = performance.now();
  const program = await startProgram(process.execPath, [
    join(root, 'bin/porchlight.js'),
    'start',
    '--data',
    data,
    '--port',
    '0',
    ...args,
  ]);
  const readyFile = join(data, 'ready.json');
  while (!existsSync(readyFile) || readFileSync(readyFile, 'utf8') === '') {
    if (performance.now() - startMs > 30_000) throw new Error('The house did not start within 30 s');
    await sleep(5);
  }
  const readyMs = performance.now() - startMs;
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { url: string; setupUrl?: string };
  // The token is new with each start of the hub.
  const authorization = (): string => `Bearer ${readFileSync(join(data, 'local.token'), 'utf8').trim()}`;
  return {
    url: ready.url,
    folder: data,
    setupUrl: ready.setupUrl,
    readyMs,
    pid: program.pid,
    get authorization() {
      return authorization();
    },
    pidOf(part) {
      const found = processTree(program.pid).find((pid) => {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
        return command.some((word) => word.endsWith(`/${part}/src/main.ts`));
      });
      if (found === undefined) throw new Error(`No ${part} is running`);
      return found;
    },
    api(path, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', authorization());
      return fetch(new URL(path, ready.url), { ...init, headers });
    },
    async stop(options = { keep: false }) {
      await program.stop();
      if (!options.keep) rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Waits until an answer is what is wanted. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string, timeoutMs = 30_000): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const value = await ask().catch(() => undefined);
    if (value !== undefined) return value;
    if (performance.now() - startMs > timeoutMs) throw new Error(`Waited ${timeoutMs} ms for ${what}`);
    await sleep(50);
  }
}
