import { fork, type ChildProcess } from 'node:child_process';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { openBackoff } from '@porchlight/base/retry';
import type { CodedPicture, FromWatcher, ToWatcher } from './messages.ts';

/** Turns pictures into JPEGs in another process. */
export type Watcher = {
  /** Throws `HouseError`: unavailable (no decoder, busy, just crashed), corrupt (no picture). */
  toJpeg(picture: CodedPicture): Promise<Uint8Array>;
  close(): Promise<void>;
};

export type WatcherOptions = {
  /** It has made a picture, or has ended without being asked to. */
  readonly onState?: (ok: boolean) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** The process's entry and environment; tests give their own. */
  readonly entry?: string;
  readonly env?: NodeJS.ProcessEnv;
};

const mostWaiting = 32;
const answerLimitMs = 8000;
const steadyMs = 30_000;

/** Opens a watcher that starts its process with the first picture, and again, after a while, when it has crashed. */
export function openWatcher(options: WatcherOptions): Watcher {
  return new WatcherProcess(options);
}

type Question = { resolve(jpeg: Uint8Array): void; reject(error: HouseError): void; readonly timer: Timer };

class WatcherProcess implements Watcher {
  readonly #options: WatcherOptions;
  readonly #backoff = openBackoff({ firstMs: 500, longestMs: 30_000 });
  readonly #asked = new Map<number, Question>();
  #child: ChildProcess | undefined;
  #startedMs = 0;
  #notBeforeMs = 0;
  #lastId = 0;
  #isClosed = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  async toJpeg(picture: CodedPicture): Promise<Uint8Array> {
    if (this.#asked.size >= mostWaiting) throw busy('Too many pictures are being made at once');
    const child = this.#open();
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(answerLimitMs, () => {
        this.#asked.delete(id);
        reject(busy('The picture took too long'));
        child.kill('SIGKILL');
      });
      this.#asked.set(id, { resolve, reject, timer });
      const message: ToWatcher = { kind: 'to-jpeg', id, picture };
      child.send(message, (error) => {
        if (error) this.#take(id)?.reject(busy('The watcher is not running'));
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const child = this.#child;
    if (!child) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = this.#options.clock.after(2000, () => child.kill('SIGKILL'));
    await gone;
    timer.cancel();
  }

  #open(): ChildProcess {
    if (this.#isClosed) throw busy('The agent is closing');
    if (this.#child) return this.#child;
    const { clock, log, entry, env } = this.#options;
    if (clock.monotonicMs() < this.#notBeforeMs) throw busy('The watcher has just crashed and starts again soon');
    const child = fork(entry ?? new URL('./main.ts', import.meta.url), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      ...(env ? { env } : {}),
    });
    this.#child = child;
    this.#startedMs = clock.monotonicMs();
    child.on('message', (message: FromWatcher) => this.#onMessage(message));
    child.on('error', (error) => log.warn('The watcher cannot be reached', { error }));
    child.once('exit', (code, signal) => this.#onExit({ code, signal }));
    child.unref();
    child.channel?.unref();
    return child;
  }

  #onMessage(message: FromWatcher): void {
    if (message.kind === 'jpeg') {
      this.#options.onState?.(true);
      this.#take(message.id)?.resolve(message.jpeg);
    } else if (message.kind === 'failure') {
      const { kind, message: words, fix } = message.error;
      this.#take(message.id)?.reject(new HouseError(kind, words, fix === undefined ? {} : { fix }));
    }
  }

  #onExit(how: { code: number | null; signal: NodeJS.Signals | null }): void {
    const { clock, log } = this.#options;
    this.#child = undefined;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#startedMs > steadyMs) this.#backoff.reset();
    this.#notBeforeMs = nowMs + this.#backoff.nextMs();
    if (!this.#isClosed) {
      log.warn('The watcher ended; recording and live view go on', how);
      this.#options.onState?.(false);
    }
    for (const id of [...this.#asked.keys()]) this.#take(id)?.reject(busy('The watcher crashed'));
  }

  #take(id: number): Question | undefined {
    const question = this.#asked.get(id);
    this.#asked.delete(id);
    question?.timer.cancel();
    return question;
  }
}

function busy(message: string): HouseError {
  return new HouseError('unavailable', message, { fix: 'Try again in a moment.' });
}
