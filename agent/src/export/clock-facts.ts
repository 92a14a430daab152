import { existsSync } from 'node:fs';

/** Whether a time server keeps the machine's clock right, as systemd tells; undefined where it does not run. */
export function isClockSynchronized(): boolean | undefined {
  if (!existsSync('/run/systemd/timesync')) return undefined;
  return existsSync('/run/systemd/timesync/synchronized');
}
