import type { Clock, Timer } from '@porchlight/base/clock';

const periodMs = 100;

/** Writes at once, or byte by byte while the fault `drip` holds. */
export type Drip = { readonly waiting: boolean; write(bytes: Uint8Array): void; close(): void };

/** Opens a way to a socket; `bytesPerSecond` is asked again all the time, undefined lets everything out at once. */
export function openDrip(
  clock: Clock,
  to: { write(bytes: Uint8Array): void; bytesPerSecond(): number | undefined },
): Drip {
  let waiting: Uint8Array = new Uint8Array(0);
  let timer: Timer | undefined;
  let credit = 0;
  const release = (sizeBytes: number): void => {
    to.write(waiting.slice(0, sizeBytes));
    waiting = waiting.subarray(sizeBytes);
  };
  const look = (): void => {
    const rate = to.bytesPerSecond();
    credit = rate === undefined ? waiting.length : Math.min(waiting.length, credit + (rate * periodMs) / 1000);
    const whole = Math.floor(credit);
    if (whole > 0) release(whole);
    credit -= whole;
    if (waiting.length > 0) return;
    timer?.cancel();
    timer = undefined;
  };
  return {
    get waiting() {
      return waiting.length > 0;
    },
    write(bytes) {
      if (waiting.length === 0 && to.bytesPerSecond() === undefined) return to.write(bytes);
      const joined = new Uint8Array(waiting.length + bytes.length);
      joined.set(waiting);
      joined.set(bytes, waiting.length);
      waiting = joined;
      timer ??= clock.every(periodMs, look);
    },
    close() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
