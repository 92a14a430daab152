import fs from 'node:fs';
import { promises as fsp } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock, type Clock } from '@porchlight/base/clock';
import { makeFolder } from '@porchlight/base/folder';
import type { VolumeId } from '@porchlight/contract/storage';
import { checkPath, toTroubleError, toVolumeError } from './volume-errors.ts';
import type { VolumeGuard } from './volume-guard.ts';
import type { CreateOptions, Volume, VolumeEntry, VolumeFile, VolumeReader } from './volume.ts';
import { WritePace } from './write-pace.ts';

export type DiskVolumeOptions = {
  readonly clock?: Clock;
  /** The name that its files carry. */
  readonly id?: VolumeId;
  /** Asked before anything is written, removed or missed; with one, `root` is never made. */
  readonly guard?: VolumeGuard;
};

/** Opens the folder `root` (made when missing, unless there is a guard) as a volume. */
export function openDiskVolume(root: string, options: DiskVolumeOptions = {}): Volume {
  // A disk that has become read-only still plays.
  if (options.guard === undefined && !fs.existsSync(root)) makeFolder(root);
  return new DiskVolume(root, options);
}

class DiskVolume implements Volume {
  readonly #root: string;
  readonly #pace: WritePace;
  readonly #id: VolumeId | undefined;
  readonly #guard: VolumeGuard | undefined;
  /** Folders in which a folder was made whose name is not durable yet. */
  readonly #newNames = new Set<string>();

  constructor(root: string, { clock = systemClock, id, guard }: DiskVolumeOptions) {
    this.#root = root;
    this.#pace = new WritePace(clock);
    this.#id = id;
    this.#guard = guard;
  }

  create(path: string, { nameLater = false }: CreateOptions = {}): Promise<VolumeFile> {
    return this.#run('create', path, async (target) => {
      await this.#guard?.verify();
      await this.#makeParents(dirname(target), nameLater);
      await this.#pace.look(this.#root);
      const fd = await this.#open(target, 'wx+');
      if (!nameLater) await syncAt(dirname(target));
      return diskFile({ path, fd, startBytes: 0, pace: this.#pace, id: this.#id });
    });
  }

  openFile(path: string): Promise<VolumeFile> {
    return this.#run('open', path, async (target) => {
      await this.#guard?.verify();
      await this.#pace.look(this.#root);
      const fd = await this.#open(target, 'r+');
      return diskFile({ path, fd, startBytes: fs.fstatSync(fd).size, pace: this.#pace, id: this.#id });
    });
  }

  openReader(path: string): Promise<VolumeReader> {
    return this.#run('read', path, async (target) => diskReader(path, await openFd(target, 'r')));
  }

  syncFolder(path: string): Promise<void> {
    return this.#run('sync', path, (folder) => this.#syncNames(folder));
  }

  remove(path: string): Promise<void> {
    return this.#run('remove', path, async (target) => {
      await this.#guard?.verify();
      await fsp.rm(target, { force: true });
    });
  }

  removeFolder(path: string): Promise<void> {
    return this.#run('remove', path, async (target) => {
      await this.#guard?.verify();
      await fsp.rm(target, { force: true, recursive: true });
    });
  }

  move(from: string, to: string): Promise<void> {
    return this.#run('move', from, async (source) => {
      await this.#guard?.verify();
      const target = join(this.#root, checkPath(to));
      await this.#makeParents(dirname(target));
      await fsp.rename(source, target);
      await syncAt(dirname(target));
      await syncAt(dirname(source));
    });
  }

  list(path: string): Promise<VolumeEntry[]> {
    return this.#run('list', path === '' ? undefined : path, async (target) => {
      await this.#guard?.verify();
      return listFolder(target);
    });
  }

  space(): Promise<{ freeBytes: number; totalBytes: number }> {
    return this.#run('measure', undefined, async (root) => {
      await this.#guard?.verify();
      const facts = await fsp.statfs(root);
      const freeBlocks = mayUseReserve() ? facts.bfree : facts.bavail;
      return { freeBytes: freeBlocks * facts.bsize, totalBytes: facts.blocks * facts.bsize };
    });
  }

  /** Errors come out without the machine's folders; the root itself has no path. */
  async #run<T>(doing: string, path: string | undefined, work: (target: string) => Promise<T>): Promise<T> {
    try {
      return await work(path === undefined ? this.#root : join(this.#root, checkPath(path)));
    } catch (error) {
      // A file that is missed because its disk is, is not missing.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') await this.#guard?.verify();
      throw toVolumeError(error, doing, path ?? 'the archive');
    }
  }

  async #makeParents(folder: string, nameLater = false): Promise<void> {
    const first = await fsp.mkdir(folder, { recursive: true });
    if (first === undefined) return;
    // Each new folder is a name in its parent: all of those names must be durable too.
    for (let made = folder; made.length >= first.length; made = dirname(made)) {
      if (nameLater) this.#newNames.add(dirname(made));
      else await syncAt(dirname(made));
    }
  }

  /** Makes the names durable in a folder, and in those above it that have got new ones. */
  async #syncNames(folder: string): Promise<void> {
    await syncAt(folder);
    for (let above = dirname(folder); above.length >= dirname(this.#root).length; above = dirname(above)) {
      if (this.#newNames.has(above)) {
        await syncAt(above);
        this.#newNames.delete(above);
      }
      if (above === dirname(above)) break;
    }
  }

  /** What has been opened must lie on the disk that was verified, not in the folder underneath. */
  async #open(target: string, flags: 'wx+' | 'r+'): Promise<number> {
    const fd = await openFd(target, flags);
    if (this.#guard === undefined || this.#guard.isSame(fs.fstatSync(fd).dev)) return fd;
    fs.closeSync(fd);
    if (flags === 'wx+') await fsp.rm(target, { force: true });
    throw toTroubleError('missing');
  }
}

async function syncAt(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be synced there; NTFS journals names
  const handle = await fsp.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const capSysResource = 24n;
let reserve: boolean | undefined;

/** Whether the file system gives this process the blocks it keeps back: Linux asks for CAP_SYS_RESOURCE outside any user namespace. */
function mayUseReserve(): boolean {
  return (reserve ??= findReserve());
}

function findReserve(): boolean {
  try {
    const [, effective = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
    const wholeMachine = /^\s*0\s+0\s+4294967295\s*$/.test(fs.readFileSync('/proc/self/uid_map', 'utf8'));
    return wholeMachine && ((BigInt(`0x${effective}`) >> capSysResource) & 1n) === 1n;
  } catch {
    return false;
  }
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

type Callback = (error: NodeJS.ErrnoException | null) => void;

type OpenFile = {
  readonly path: string;
  readonly fd: number;
  readonly startBytes: number;
  readonly pace: WritePace;
  readonly id: VolumeId | undefined;
};

function diskFile({ path, fd, startBytes, pace, id }: OpenFile): VolumeFile {
  let endBytes = startBytes;
  let closed = false;
  const call = (doing: string, start: (done: Callback) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      start((error) => (error ? reject(toVolumeError(error, doing, path)) : resolve()));
    });
  return {
    path,
    ...(id === undefined ? {} : { volume: id }),
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
    readBack(offsetBytes, lengthBytes) {
      try {
        // The number may be another file's by now.
        if (closed) throw Object.assign(new Error('closed'), { code: 'EBADF' });
        return readNow(fd, offsetBytes, lengthBytes);
      } catch (error) {
        throw toVolumeError(error, 'read', path);
      }
    },
    truncate: (sizeBytes) =>
      call('cut', (done) =>
        fs.ftruncate(fd, sizeBytes, (error) => {
          if (!error) endBytes = sizeBytes;
          done(error);
        }),
      ),
    async sync() {
      try {
        await pace.sync(fd);
      } catch (error) {
        throw toVolumeError(error, 'sync', path);
      }
    },
    close() {
      closed = true;
      return call('close', (done) => fs.close(fd, done));
    },
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

function readNow(fd: number, offsetBytes: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  let done = 0;
  while (done < lengthBytes) {
    const read = fs.readSync(fd, bytes, done, lengthBytes - done, offsetBytes + done);
    if (read === 0) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

function diskReader(path: string, fd: number): VolumeReader {
  const sizeBytes = fs.fstatSync(fd).size;
  return {
    sizeBytes,
    readAt: (offsetBytes, lengthBytes) => readNow(fd, offsetBytes, lengthBytes),
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
