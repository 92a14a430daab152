import fs from 'node:fs';
import { promises as fsp } from 'node:fs';
import type { Clock } from '@porchlight/base/clock';

/** A write that took longer shows that the disk holds callers up: then writes leave the thread for a while. */
const slowWriteMs = 20;
/** A sync that is still under way after so long shows it before any write has to. */
const slowSyncMs = 300;
const slowForMs = 60_000;
/** NFS, SMB, SMB2, FUSE, Ceph, 9P (statfs(2), `f_type`): a server that is away holds a write for minutes, so none is made in the thread. */
const remoteTypes: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xfe534d42, 0xff534d42, 0x65735546, 0x00c36400, 0x01021997,
]);

/** The calls that reach the disk; Node's own by default. */
export type WriteCalls = {
  readonly writeNow: (fd: number, parts: readonly Uint8Array[], offsetBytes: number) => number;
  readonly writeElsewhere: (fd: number, parts: readonly Uint8Array[], offsetBytes: number) => Promise<number>;
  readonly sync: (fd: number) => Promise<void>;
  /** Kind of file system that a folder lies on. */
  readonly typeOf: (folder: string) => Promise<number>;
};

const nodeCalls: WriteCalls = {
  writeNow: (fd, parts, offsetBytes) => fs.writevSync(fd, parts, offsetBytes),
  writeElsewhere: (fd, parts, offsetBytes) =>
    new Promise((resolve, reject) => {
      fs.writev(fd, parts, offsetBytes, (error, written) => (error ? reject(error) : resolve(written)));
    }),
  sync: (fd) =>
    new Promise((resolve, reject) => {
      fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()));
    }),
  typeOf: async (folder) => (await fsp.statfs(folder)).type,
};

/**
 * How a volume's files are written. While the disk takes writes at once, as the page cache does, they are made in the
 * calling thread: handing one to libuv's threads and back costs more than the write (bench/RESULTS.md). After a slow one, while
 * a sync hangs, and on file systems with a server behind them they go through libuv's threads, so that a stalled disk stalls no camera.
 */
export class WritePace {
  readonly #clock: Clock;
  readonly #calls: WriteCalls;
  #slowUntilMs = -Infinity;
  /** When each sync that is under way began. */
  readonly #syncing = new Set<number>();
  #remote: Promise<void> | undefined;

  constructor(clock: Clock, calls: WriteCalls = nodeCalls) {
    this.#clock = clock;
    this.#calls = calls;
  }

  /** Looks once at what the folder lies on; a folder that cannot be asked is taken for a local one. */
  look(folder: string): Promise<void> {
    return (this.#remote ??= this.#calls.typeOf(folder).then(
      (type) => {
        if (remoteTypes.has(type >>> 0)) this.#slowUntilMs = Infinity;
      },
      () => undefined,
    ));
  }

  /** Bytes written, of one gathered write. */
  write(fd: number, parts: readonly Uint8Array[], offsetBytes: number): Promise<number> | number {
    const startMs = this.#clock.monotonicMs();
    for (const sinceMs of this.#syncing) if (startMs - sinceMs > slowSyncMs) this.#slow(startMs);
    if (startMs < this.#slowUntilMs) return this.#calls.writeElsewhere(fd, parts, offsetBytes);
    const written = this.#calls.writeNow(fd, parts, offsetBytes);
    const endMs = this.#clock.monotonicMs();
    if (endMs - startMs > slowWriteMs) this.#slow(endMs);
    return written;
  }

  /** Makes what was written durable. */
  async sync(fd: number): Promise<void> {
    let sinceMs = this.#clock.monotonicMs();
    while (this.#syncing.has(sinceMs)) sinceMs += 1e-3;
    this.#syncing.add(sinceMs);
    try {
      await this.#calls.sync(fd);
    } finally {
      this.#syncing.delete(sinceMs);
    }
  }

  #slow(nowMs: number): void {
    this.#slowUntilMs = Math.max(this.#slowUntilMs, nowMs + slowForMs);
  }
}
