import type { Volume, VolumeFile } from '#volume';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';

const tickMs = 100;
/** Start of one round to start of the next. With a fragment of at most 0.8 s, a power cut costs less than 5 s. */
const roundMs = 3_500;
/** Closing work is spread over about this many ticks: all cameras cut at the same minute. */
const spreadTicks = 200;

const shared = new WeakMap<Volume, VolumeRounds>();

/** The rounds of this volume in this thread. The first caller's clock and log are used. */
export function findRounds(volume: Volume, clock: Clock, log: Log): VolumeRounds {
  let rounds = shared.get(volume);
  if (rounds === undefined) shared.set(volume, (rounds = new VolumeRounds({ volume, clock, log })));
  return rounds;
}

/**
 * What all recorders of a thread share per volume: one ticker, one round of syncs, one queue of closing work.
 * Disk operations that wait for the disk run one after another: many at once would fill libuv's threads and hold up writes.
 */
export class VolumeRounds {
  readonly #volume: Volume;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #ticks = new Set<() => void>();
  readonly #written = new Set<VolumeFile>();
  /** Folders in which files have got a name since the last round. */
  readonly #named = new Set<string>();
  readonly #closing: (() => Promise<void>)[] = [];
  #perTick = 1;
  #timer: Timer | undefined;
  #lastRoundMs: number;
  #chain = Promise.resolve();

  constructor({ volume, clock, log }: { volume: Volume; clock: Clock; log: Log }) {
    this.#volume = volume;
    this.#clock = clock;
    this.#log = log;
    this.#lastRoundMs = clock.monotonicMs();
  }

  /** Calls back about ten times a second until cancelled. */
  every(call: () => void): Timer {
    this.#ticks.add(call);
    this.#wake();
    return { cancel: () => void this.#ticks.delete(call) };
  }

  /** The file has bytes that are not durable yet; the next round syncs it. */
  noteWritten(file: VolumeFile): void {
    this.#written.add(file);
    this.#wake();
  }

  /** A file has been made in this folder; the next round makes its name durable, so that nobody waits for the disk before the first write. */
  noteCreated(folder: string): void {
    this.#named.add(folder);
    this.#wake();
  }

  /** The file is synced and closed by its own closing work. */
  noteClosed(file: VolumeFile): void {
    this.#written.delete(file);
  }

  /** Does closing work after that of others, spread over some seconds unless `urgent`. Resolves when done; never rejects. */
  close(work: () => Promise<void>, urgent: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#closing.push(() => work().finally(resolve));
      this.#perTick = Math.max(this.#perTick, Math.ceil(this.#closing.length / spreadTicks));
      if (urgent) this.hurry();
      else this.#wake();
    });
  }

  /** Does all closing work that waits without spreading it. */
  hurry(): void {
    this.#startClosing(this.#closing.length);
  }

  #wake(): void {
    this.#timer ??= this.#clock.every(tickMs, () => this.#tick());
  }

  #tick(): void {
    for (const call of [...this.#ticks]) call();
    this.#startClosing(this.#perTick);
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastRoundMs >= roundMs && this.#written.size + this.#named.size > 0) {
      this.#lastRoundMs = nowMs;
      this.#inTurn(() => this.#syncRound());
    }
    if (this.#ticks.size + this.#closing.length + this.#written.size + this.#named.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #syncRound(): Promise<void> {
    for (const folder of [...this.#named]) {
      this.#named.delete(folder);
      await this.#volume.syncFolder(folder).catch((error: unknown) => {
        this.#log.warn('Could not sync a folder of recordings', { path: folder, error });
      });
    }
    for (const file of [...this.#written]) {
      if (!this.#written.delete(file)) continue; // closed meanwhile, which synced it
      await file.sync().catch((error: unknown) => {
        this.#log.warn('Could not sync a recording', { path: file.path, error });
      });
    }
  }

  #startClosing(count: number): void {
    for (const work of this.#closing.splice(0, count)) this.#inTurn(work);
    if (this.#closing.length === 0) this.#perTick = 1;
  }

  #inTurn(work: () => Promise<void>): void {
    this.#chain = this.#chain
      .then(work)
      .catch((error: unknown) => this.#log.error('Could not finish work on the volume', { error }));
  }
}
