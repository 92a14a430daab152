import { fork, type ChildProcess } from 'node:child_process';
import type { Clock } from '@porchlight/base/clock';

/** A message over a child's IPC channel: plain JSON with a `kind`. */
export type ChildMessage = { readonly kind: string } & Readonly<Record<string, unknown>>;

/** A process that is started again when it ends, until it is stopped. */
export type Child = {
  send(message: ChildMessage): void;
  /** Process id of the running instance. */
  readonly pid: number | undefined;
  /** Asks it to finish (SIGTERM), kills it after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
};

export type ChildOptions = {
  readonly name: string;
  readonly entry: string;
  /** Asked for at every start. */
  args(): readonly string[];
  /** Flags of Node and V8. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  onMessage(message: ChildMessage): void;
  /** Called on every unexpected end; returns false to give up instead of starting again. */
  onExit(code: number | null, runMs: number): boolean;
};

const firstRestartMs = 200;
const longestRestartMs = 5_000;
const healthyRunMs = 10_000;

/** Starts a process and keeps it running: first restart after 200 ms, doubling to 5 s while it keeps failing. */
export function openChild(options: ChildOptions): Child {
  const { clock } = options;
  let stopping = false;
  let restartMs = firstRestartMs;
  let current: ChildProcess | undefined;

  const start = (): void => {
    if (stopping) return;
    const startedMs = clock.monotonicMs();
    const child = fork(options.entry, [...options.args()], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...(options.flags ?? [])],
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    current = child;
    child.on('message', (message) => options.onMessage(message as ChildMessage));
    child.on('error', () => undefined);
    child.on('exit', (code) => {
      if (current === child) current = undefined;
      if (stopping) return;
      const runMs = clock.monotonicMs() - startedMs;
      if (!options.onExit(code, runMs)) return;
      restartMs = runMs > healthyRunMs ? firstRestartMs : Math.min(restartMs * 2, longestRestartMs);
      setTimeout(start, restartMs);
    });
  };
  start();

  return {
    send(message) {
      if (current?.connected) current.send(message, () => undefined);
    },
    get pid() {
      return current?.pid;
    },
    stop(graceMs) {
      stopping = true;
      const child = current;
      if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
      return new Promise((resolve) => {
        const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
        child.once('exit', () => {
          clearTimeout(kill);
          resolve();
        });
        child.kill('SIGTERM');
      });
    },
  };
}
