import type { Clock } from '#clock';
import type { Log } from '#log';

/** The parts of `process` that end it. */
export type EndingProcess = {
  on(event: 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'disconnect', listener: () => void): unknown;
  exit(code: number): void;
};

export type ShutdownOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** After this the process ends whatever is still open. */
  readonly graceMs: number;
  /** The process to end; tests give a fake. */
  readonly process: EndingProcess;
};

export type Shutdown = {
  /** Registers something to close; the last registered is closed first. */
  add(name: string, close: () => void | Promise<void>): void;
  /** Closes everything, then exits with `code`. Safe to call again. */
  end(code: number): Promise<void>;
  /** Aborted when the end begins. */
  readonly signal: AbortSignal;
};

/** Ends the process in order on SIGTERM, SIGINT, SIGHUP and when its parent's IPC channel closes. */
export function openShutdown(options: ShutdownOptions): Shutdown {
  const { clock, log } = options;
  const closers: { name: string; close: () => void | Promise<void> }[] = [];
  const controller = new AbortController();
  let ending: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    for (const { name, close } of closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        log.error('could not close', { what: name, error });
      }
    }
  };
  const end = (code: number): Promise<void> => {
    ending ??= (async () => {
      controller.abort(new Error('the process is ending'));
      const late = clock.after(options.graceMs, () => {
        log.warn('ended before everything was closed', { graceMs: options.graceMs });
        options.process.exit(code);
      });
      await closeAll();
      late.cancel();
      options.process.exit(code);
    })();
    return ending;
  };
  for (const event of ['SIGTERM', 'SIGINT', 'SIGHUP', 'disconnect'] as const) {
    options.process.on(event, () => void end(0));
  }
  return { add: (name, close) => void closers.push({ name, close }), end, signal: controller.signal };
}
