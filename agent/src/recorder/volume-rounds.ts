import type { Volume, VolumeFile } from '#archive';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';

/** What all recorders of a thread share per volume: one ticker, one round of syncs, one queue of closing work. */
export type VolumeRounds = {
  /** Calls back about ten times a second until cancelled. */
  every(tick: () => void): Timer;
  /** The file has bytes that are not durable yet; the next round syncs it. */
  noteWritten(file: VolumeFile): void;
  /** The file is synced and closed by its own closing work. */
  noteClosed(file: VolumeFile): void;
  /** Does closing work after that of others, spread over some seconds. Resolves when done; never rejects. */
  close(work: () => Promise<void>): Promise<void>;
  /** Does the closing work that waits without spreading it: the program is about to end. */
  hurry(): void;
};

const tickMs = 100;
/** Start of one round to start of the next. With a fragment of at most 0.8 s, a power cut costs less than 5 s. */
const roundMs = 3_500;
/** Closing work is spread over about this many ticks: all cameras cut at the same minute. */
const spreadTicks = 200;

const shared = new WeakMap<Volume, VolumeRounds>();

/** The rounds of this volume in this thread. The first caller's clock and log are used. */
export function findRounds(volume: Volume, clock: Clock, log: Log): VolumeRounds {
  let rounds = shared.get(volume);
  if (rounds === undefined) shared.set(volume, (rounds = openRounds(clock, log)));
  return rounds;
}

function openRounds(clock: Clock, log: Log): VolumeRounds {
  const ticks = new Set<() => void>();
  const written = new Set<VolumeFile>();
  const closing: (() => Promise<void>)[] = [];
  let perTick = 1;
  let hurried = false;
  let timer: Timer | undefined;
  let lastRoundMs = clock.monotonicMs();
  let chain = Promise.resolve(); // one disk operation after another, never many at once

  const inTurn = (work: () => Promise<void>): void => {
    chain = chain.then(work).catch((error: unknown) => log.error('Could not finish work on the volume', { error }));
  };
  const syncRound = async (): Promise<void> => {
    for (const file of [...written]) {
      if (!written.delete(file)) continue; // closed meanwhile, which synced it
      await file.sync().catch((error: unknown) => log.warn('Could not sync a recording', { path: file.path, error }));
    }
  };
  const startClosing = (count: number): void => {
    for (const work of closing.splice(0, count)) inTurn(work);
    if (closing.length === 0) perTick = 1;
  };
  const tick = (): void => {
    for (const call of [...ticks]) call();
    startClosing(hurried ? closing.length : perTick);
    const nowMs = clock.monotonicMs();
    if (nowMs - lastRoundMs >= roundMs && written.size > 0) {
      lastRoundMs = nowMs;
      inTurn(syncRound);
    }
    if (ticks.size === 0 && closing.length === 0 && written.size === 0) {
      timer?.cancel();
      timer = undefined;
    }
  };
  const wake = (): void => {
    timer ??= clock.every(tickMs, tick);
  };

  return {
    every(call) {
      ticks.add(call);
      hurried = false;
      wake();
      return { cancel: () => void ticks.delete(call) };
    },
    noteWritten(file) {
      written.add(file);
      wake();
    },
    noteClosed: (file) => void written.delete(file),
    close: (work) =>
      new Promise((resolve) => {
        closing.push(() => work().finally(resolve));
        perTick = Math.max(perTick, Math.ceil(closing.length / spreadTicks));
        if (hurried) startClosing(closing.length);
        wake();
      }),
    hurry() {
      hurried = true;
      startClosing(closing.length);
    },
  };
}
