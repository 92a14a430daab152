import { execFileSync } from 'node:child_process';

/** A file system of a few megabytes. */
export type SmallDisk = Disposable & {
  /** Mounts it again with other options, such as `ro`. */
  remount(options: string): void;
};

/** Mounts one on a folder, on which everything about a full, read-only or vanished disk is real: see the need `tmpfs`. */
export function mountSmallDisk(folder: string, sizeKb: number): SmallDisk {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKb}k`, 'tmpfs', folder]);
  return {
    remount: (options: string): void => void execFileSync('mount', ['-o', `remount,${options}`, folder]),
    [Symbol.dispose](): void {
      execFileSync('umount', ['-l', folder]);
    },
  };
}
