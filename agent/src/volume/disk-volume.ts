import fs from 'node:fs';
import { promises as fsp } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock, type Clock } from '@porchlight/base/clock';
import { makeFolder } from '@porchlight/base/folder';
import { checkPath, toVolumeError } from './volume-errors.ts';
import type { Volume, VolumeEntry, VolumeFile, VolumeReader } from './volume.ts';

/** Opens the folder `root` (made when missing) as a volume. */
export function openDiskVolume(root: string, clock: Clock = systemClock): Volume {
  // A disk that has become read-only still plays.
  if (!fs.existsSync(root)) makeFolder(root);
  const pace = new WritePace(clock);
  const at = (path: string): string => join(root, checkPath(path));
  const guard = async <T>(doing: string, path: string, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw toVolumeError(error, doing, path);
    }
  };
  const syncAt = async (folder: string): Promise<void> => {
    if (process.platform === 'win32') return; // folders cannot be synced there; NTFS journals names
    const handle = await fsp.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  };
  const makeParents = async (folder: string): Promise<void> => {
    const first = await fsp.mkdir(folder, { recursive: true });
    if (first === undefined) return;
    // Each new folder is a name in its parent: all of those names must be durable too.
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncAt(dirname(made));
  };

  return {
    create: (path) =>
      guard('create', path, async () => {
        await makeParents(dirname(at(path)));
        const fd = await openFd(at(path), 'wx');
        await syncAt(dirname(at(path)));
        return diskFile(path, fd, 0, pace);
      }),
    openFile: (path) =>
      guard('open', path, async () => {
        const fd = await openFd(at(path), 'r+');
        return diskFile(path, fd, fs.fstatSync(fd).size, pace);
      }),
    openReader: (path) => guard('read', path, async () => diskReader(path, await openFd(at(path), 'r'))),
    syncFolder: (path) => guard('sync', path, () => syncAt(at(path))),
    remove: (path) => guard('remove', path, () => fsp.rm(at(path), { force: true })),
    removeFolder: (path) => guard('remove', path, () => fsp.rm(at(path), { force: true, recursive: true })),
    move: (from, to) =>
      guard('move', from, async () => {
        await makeParents(dirname(at(to)));
        await fsp.rename(at(from), at(to));
        await syncAt(dirname(at(to)));
        await syncAt(dirname(at(from)));
      }),
    list: (path) => guard('list', path === '' ? 'the archive' : path, () => listFolder(path === '' ? root : at(path))),
    space: () =>
      guard('measure', 'the archive', async () => {
        const facts = await fsp.statfs(root);
        return { freeBytes: facts.bavail * facts.bsize, totalBytes: facts.blocks * facts.bsize };
      }),
  };
}

function openFd(path: string, flags: string): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.open(path, flags, 0o640, (error, fd) => (error ? reject(error) : resolve(fd)));
  });
}

async function listFolder(folder: string): Promise<VolumeEntry[]> {
  const entries: VolumeEntry[] = [];
  let found: fs.Dirent[];
  try {
    found = await fsp.readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  for (const entry of found) {
    const facts = entry.isFile() ? await fsp.stat(join(folder, entry.name)).catch(() => undefined) : undefined;
    entries.push({ name: entry.name, folder: entry.isDirectory(), sizeBytes: facts?.size ?? 0 });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A write that took longer shows that the disk holds callers up: then writes leave the thread for a while. */
const slowWriteMs = 20;
const slowForMs = 60_000;

/**
 * How a volume's files are written. While the disk takes writes at once, as the page cache does, they are made in the
 * calling thread: handing one to libuv's threads and back costs more than the write (bench/RESULTS.md). After a slow one
 * they go through libuv's threads for a minute, so that a stalled disk stalls no camera.
 */
class WritePace {
  readonly #clock: Clock;
  #slowUntilMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Bytes written, of one gathered write. */
  write(fd: number, parts: readonly Uint8Array[], offsetBytes: number): Promise<number> | number {
    const startMs = this.#clock.monotonicMs();
    if (startMs < this.#slowUntilMs) return this.#writeElsewhere(fd, parts, offsetBytes);
    const written = fs.writevSync(fd, parts, offsetBytes);
    const endMs = this.#clock.monotonicMs();
    if (endMs - startMs > slowWriteMs) this.#slowUntilMs = endMs + slowForMs;
    return written;
  }

  #writeElsewhere(fd: number, parts: readonly Uint8Array[], offsetBytes: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(fd, parts, offsetBytes, (error, written) => (error ? reject(error) : resolve(written)));
    });
  }
}

type Callback = (error: NodeJS.ErrnoException | null) => void;

function diskFile(path: string, fd: number, startBytes: number, pace: WritePace): VolumeFile {
  let endBytes = startBytes;
  const call = (doing: string, start: (done: Callback) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      start((error) => (error ? reject(toVolumeError(error, doing, path)) : resolve()));
    });
  return {
    path,
    async write(parts) {
      try {
        for (let left = parts; left.length > 0;) {
          const written = await pace.write(fd, left, endBytes);
          endBytes += written;
          left = dropBytes(left, written);
          if (left.length > 0 && written === 0) throw Object.assign(new Error('nothing written'), { code: 'ENOSPC' });
        }
      } catch (error) {
        throw toVolumeError(error, 'write', path);
      }
    },
    truncate: (sizeBytes) =>
      call('cut', (done) =>
        fs.ftruncate(fd, sizeBytes, (error) => {
          if (!error) endBytes = sizeBytes;
          done(error);
        }),
      ),
    sync: () => call('sync', (done) => fs.fdatasync(fd, done)),
    close: () => call('close', (done) => fs.close(fd, done)),
  };
}

/** What is left after a short write. */
function dropBytes(parts: readonly Uint8Array[], writtenBytes: number): readonly Uint8Array[] {
  let left = writtenBytes;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    if (left < part.length) return [part.subarray(left), ...parts.slice(index + 1)];
    left -= part.length;
  }
  return [];
}

function diskReader(path: string, fd: number): VolumeReader {
  const sizeBytes = fs.fstatSync(fd).size;
  return {
    sizeBytes,
    readAt(offsetBytes, lengthBytes) {
      const bytes = new Uint8Array(lengthBytes);
      let done = 0;
      while (done < lengthBytes) {
        const read = fs.readSync(fd, bytes, done, lengthBytes - done, offsetBytes + done);
        if (read === 0) break;
        done += read;
      }
      return bytes.subarray(0, done);
    },
    read: (offsetBytes, lengthBytes) =>
      new Promise((resolve, reject) => {
        const bytes = new Uint8Array(Buffer.allocUnsafeSlow(lengthBytes).buffer);
        const next = (done: number): void => {
          fs.read(fd, bytes, done, lengthBytes - done, offsetBytes + done, (error, read) => {
            if (error) return reject(toVolumeError(error, 'read', path));
            if (read === 0 || done + read === lengthBytes) return resolve(bytes.subarray(0, done + read));
            next(done + read);
          });
        };
        if (lengthBytes === 0) resolve(bytes);
        else next(0);
      }),
    close: () =>
      new Promise((resolve, reject) => {
        fs.close(fd, (error) => (error ? reject(toVolumeError(error, 'close', path)) : resolve()));
      }),
  };
}
