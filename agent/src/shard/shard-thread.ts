import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { ArchiveEvent } from '#archive';
import type { LineReport } from '#line';
import type { WriteFigures } from '#vitals';
import type { Clock, Timer } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { FromShard, ShardQuestions, ShardSetup, ShardVerb, ToShard } from './messages.ts';

/**
 * A shard reports every two seconds. It hangs, and is ended, when nothing came in so many looks in a row; looks and not time, because a
 * process that stood still itself (a machine put to sleep, a guest moved) looks before it hears what has come meanwhile.
 */
const lookMs = 5_000;
const hungLooks = 3;
/** A slow machine takes its time to load a thread's code. */
const startLooks = 24;
const answerMs = 12_000;
const closeMs = 4500;
/** A half of the young generation: frames die in it once they are written. Those of the main thread are smaller (see the supervisor's flags). */
const youngMiB = 8;

/** Figures of a whole shard. */
export type ShardFigures = { readonly viewers: number; readonly writes: WriteFigures };

/** What a thread is opened with. */
export type ShardThreadOptions = {
  readonly setup: Omit<ShardSetup, 'wake'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onEvents: (events: readonly ArchiveEvent[]) => void;
  readonly onReports: (reports: readonly LineReport[], figures: ShardFigures) => void;
  /** Called once when the thread was ready and ended without being asked to. */
  readonly onDied: () => void;
};

/** The main thread's end of one shard. */
export type ShardThread = {
  post(message: ToShard): void;
  /** Throws what the shard threw, or `unavailable` when it does not answer. */
  ask<Verb extends ShardVerb>(verb: Verb, args: ShardQuestions[Verb]['ask']): Promise<ShardQuestions[Verb]['answer']>;
  /** Lets it finish its segments, then ends it. */
  close(): Promise<void>;
};

/** Starts a thread; resolves when it is ready. */
export async function openShardThread(options: ShardThreadOptions): Promise<ShardThread> {
  const thread = new WorkerThread(options);
  await thread.ready;
  return thread;
}

type Asked = { resolve: (result: never) => void; reject: (error: HouseError) => void; timer: Timer };

class WorkerThread implements ShardThread {
  readonly ready: Promise<void>;
  readonly #options: ShardThreadOptions;
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  /** Wakes the thread where it rests (see `openRest`). */
  readonly #wake = new Int32Array(new SharedArrayBuffer(4));
  readonly #watch: Timer;
  #silentLooks = 0;
  #nextId = 1;
  #ended = false;
  #wasReady = false;
  #isReady: (error?: HouseError) => void = () => undefined;
  #isClosed: () => void = () => undefined;

  constructor(options: ShardThreadOptions) {
    const { setup, clock, log } = options;
    this.#options = options;
    this.ready = new Promise((resolve, reject) => {
      this.#isReady = (error) => (error ? reject(error) : resolve());
    });
    // Read when a thread's heap is made. A worker's resource limits would do, but a flag given at the start wins over them.
    setFlagsFromString(`--max-semi-space-size=${youngMiB}`);
    this.#worker = new Worker(new URL('./shard-worker.ts', import.meta.url), {
      workerData: { ...setup, wake: this.#wake.buffer } satisfies ShardSetup,
    });
    this.#worker.on('message', (message: FromShard) => this.#take(message));
    this.#worker.on('error', (error) => log.error('A shard failed', { shard: setup.index, error }));
    this.#worker.on('exit', () => this.#onExit());
    this.#watch = clock.every(lookMs, () => {
      if (++this.#silentLooks <= (this.#wasReady ? hungLooks : startLooks)) return;
      log.error('A shard does not answer and is ended', { shard: setup.index });
      void this.#worker.terminate();
    });
  }

  post(message: ToShard): void {
    if (this.#ended) return;
    this.#worker.postMessage(message);
    Atomics.add(this.#wake, 0, 1);
    Atomics.notify(this.#wake, 0);
  }

  ask<Verb extends ShardVerb>(verb: Verb, args: ShardQuestions[Verb]['ask']): Promise<ShardQuestions[Verb]['answer']> {
    if (this.#ended) return Promise.reject(restarting());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(answerMs, () => {
        this.#asked.delete(id);
        reject(new HouseError('unavailable', 'The agent took too long to answer', { fix: 'Try again.' }));
      });
      this.#asked.set(id, { resolve, reject, timer });
      this.post({ kind: 'ask', id, verb, args });
    });
  }

  async close(): Promise<void> {
    if (this.#ended) return;
    const closed = new Promise<void>((resolve) => (this.#isClosed = resolve));
    const late = this.#options.clock.after(closeMs, () => this.#isClosed());
    this.post({ kind: 'close' });
    await closed;
    late.cancel();
    this.#ended = true;
    this.#watch.cancel();
    await this.#worker.terminate();
  }

  #take(message: FromShard): void {
    this.#silentLooks = 0;
    switch (message.kind) {
      case 'ready':
        this.#wasReady = true;
        this.#isReady();
        break;
      case 'events':
        this.#options.onEvents(message.events);
        break;
      case 'reports':
        this.#options.onReports(message.reports, message);
        break;
      case 'answer':
        this.#settle(message.id)?.resolve(message.result as never);
        break;
      case 'failure': {
        const { kind, message: words, fix } = message.error;
        this.#settle(message.id)?.reject(new HouseError(kind, words, fix === undefined ? {} : { fix }));
        break;
      }
      case 'closed':
        this.#isClosed();
        break;
    }
  }

  #settle(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.timer.cancel();
    return asked;
  }

  #onExit(): void {
    this.#isClosed();
    this.#isReady(restarting());
    this.#watch.cancel();
    for (const id of [...this.#asked.keys()]) this.#settle(id)?.reject(restarting());
    if (this.#ended) return;
    this.#ended = true;
    if (this.#wasReady) this.#options.onDied();
  }
}

function restarting(): HouseError {
  return new HouseError('unavailable', 'The camera is being started again', { fix: 'Try again in a few seconds.' });
}
