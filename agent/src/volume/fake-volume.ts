import { checkPath, toVolumeError } from './volume-errors.ts';
import type { CreateOptions, Volume, VolumeEntry, VolumeFile, VolumeReader } from './volume.ts';

type Content = { bytes: Uint8Array; sizeBytes: number; syncedBytes: number; named: boolean };

const errno = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** A volume in memory that forgets what was not synced, and fails when told to. */
export class FakeVolume implements Volume {
  /** Most bytes it takes; less makes writes short and then fail with ENOSPC. */
  capacityBytes: number;
  /** The write that reaches this many more bytes ends short and rejects with EIO, once. */
  failAfterBytes: number | undefined;
  /** While set, writes wait for it: a slow disk. */
  stall: Promise<void> | undefined;
  /** Paths of files and folders in the order in which they were synced. */
  readonly syncs: string[] = [];
  /** Most calls of `sync` that ever were under way together. */
  mostSyncsAtOnce = 0;
  /** Most writes to one file that ever were under way together. */
  mostWritesAtOnce = 0;
  readonly contents = new Map<string, Content>();
  #syncing = 0;
  #life = 0;

  constructor(options: { capacityBytes?: number } = {}) {
    this.capacityBytes = options.capacityBytes ?? Infinity;
  }

  /** All files, by path; views. */
  get files(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.contents].map(([path, { bytes, sizeBytes }]) => [path, bytes.subarray(0, sizeBytes)]));
  }

  get usedBytes(): number {
    let sum = 0;
    for (const content of this.contents.values()) sum += content.sizeBytes;
    return sum;
  }

  /** Counts the machine's lives: calls of files opened in an earlier one reject. */
  get life(): number {
    return this.#life;
  }

  /**
   * What a disk may hold after the power went: names and bytes that were synced; of the rest what `random` chooses
   * (nothing, a prefix, or a prefix followed by zeros). Files opened before are dead: their calls reject.
   */
  cutPower(random: () => number): void {
    this.#life++;
    for (const [path, content] of [...this.contents]) {
      if (!content.named && random() < 0.5) this.contents.delete(path);
      else forget(content, random);
    }
  }

  /** A file that someone else has put there. */
  put(path: string, bytes: Uint8Array): void {
    this.contents.set(path, { bytes: bytes.slice(), sizeBytes: bytes.length, syncedBytes: bytes.length, named: true });
  }

  async create(path: string, { nameLater = false }: CreateOptions = {}): Promise<VolumeFile> {
    await nextTurn();
    if (this.contents.has(checkPath(path))) throw toVolumeError(errno('EEXIST'), 'create', path);
    if (this.capacityBytes - this.usedBytes <= 0) throw toVolumeError(errno('ENOSPC'), 'create', path);
    const content: Content = { bytes: new Uint8Array(4096), sizeBytes: 0, syncedBytes: 0, named: false };
    this.contents.set(path, content);
    const file = new FakeFile(this, path, content);
    if (!nameLater) await this.syncFolder(folderOf(path));
    return file;
  }

  async openFile(path: string): Promise<VolumeFile> {
    await nextTurn();
    return new FakeFile(this, path, this.#find(path));
  }

  async openReader(path: string): Promise<VolumeReader> {
    await nextTurn();
    return toReader(this.#find(path));
  }

  async syncFolder(path: string): Promise<void> {
    const life = this.#life;
    await this.noteSync(path);
    if (life !== this.#life) return;
    for (const [name, content] of this.contents) if (folderOf(name) === path) content.named = true;
  }

  async remove(path: string): Promise<void> {
    await nextTurn();
    this.contents.delete(checkPath(path));
  }

  async removeFolder(path: string): Promise<void> {
    await nextTurn();
    for (const name of [...this.contents.keys()])
      if (name.startsWith(`${checkPath(path)}/`)) this.contents.delete(name);
  }

  async move(from: string, to: string): Promise<void> {
    await nextTurn();
    const content = this.#find(from);
    this.contents.delete(from);
    this.contents.set(checkPath(to), content);
  }

  async list(path: string): Promise<VolumeEntry[]> {
    await nextTurn();
    const prefix = path === '' ? '' : `${checkPath(path)}/`;
    const entries = new Map<string, VolumeEntry>();
    for (const [name, content] of this.contents) {
      if (!name.startsWith(prefix)) continue;
      const [head = '', ...rest] = name.slice(prefix.length).split('/');
      entries.set(head, { name: head, folder: rest.length > 0, sizeBytes: rest.length > 0 ? 0 : content.sizeBytes });
    }
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    await nextTurn();
    const totalBytes = Number.isFinite(this.capacityBytes) ? this.capacityBytes : 2 ** 40;
    return { freeBytes: Math.max(0, totalBytes - this.usedBytes), totalBytes };
  }

  async noteSync(path: string): Promise<void> {
    this.mostSyncsAtOnce = Math.max(this.mostSyncsAtOnce, ++this.#syncing);
    await nextTurn();
    this.#syncing--;
    this.syncs.push(path);
  }

  #find(path: string): Content {
    const content = this.contents.get(checkPath(path));
    if (content === undefined) throw toVolumeError(errno('ENOENT'), 'open', path);
    return content;
  }
}

/** Opens an empty fake volume. */
export function openFakeVolume(options: { capacityBytes?: number } = {}): FakeVolume {
  return new FakeVolume(options);
}

class FakeFile implements VolumeFile {
  readonly path: string;
  readonly #volume: FakeVolume;
  readonly #content: Content;
  readonly #born: number;
  #writing = 0;
  #closed = false;

  constructor(volume: FakeVolume, path: string, content: Content) {
    this.#volume = volume;
    this.path = path;
    this.#content = content;
    this.#born = volume.life;
  }

  async write(parts: readonly Uint8Array[]): Promise<void> {
    const volume = this.#volume;
    volume.mostWritesAtOnce = Math.max(volume.mostWritesAtOnce, ++this.#writing);
    await nextTurn();
    await volume.stall;
    this.#writing--;
    this.#check('write');
    let freeBytes = volume.capacityBytes - volume.usedBytes;
    for (const part of parts) {
      const take = Math.max(0, Math.min(part.length, freeBytes, volume.failAfterBytes ?? Infinity));
      append(this.#content, part.subarray(0, take));
      freeBytes -= take;
      if (volume.failAfterBytes !== undefined) volume.failAfterBytes -= take;
      if (take === part.length) continue;
      const broken = volume.failAfterBytes === 0;
      if (broken) volume.failAfterBytes = undefined;
      throw toVolumeError(errno(broken ? 'EIO' : 'ENOSPC'), 'write', this.path);
    }
  }

  readBack(offsetBytes: number, lengthBytes: number): Uint8Array {
    this.#check('read');
    if (this.#closed) throw toVolumeError(errno('EBADF'), 'read', this.path);
    return toReader(this.#content).readAt(offsetBytes, lengthBytes);
  }

  async truncate(sizeBytes: number): Promise<void> {
    await nextTurn();
    this.#check('cut');
    this.#content.sizeBytes = Math.min(this.#content.sizeBytes, sizeBytes);
    this.#content.syncedBytes = Math.min(this.#content.syncedBytes, sizeBytes);
  }

  async sync(): Promise<void> {
    this.#check('sync');
    const sizeBytes = this.#content.sizeBytes;
    await this.#volume.noteSync(this.path);
    this.#check('sync');
    this.#content.syncedBytes = Math.max(this.#content.syncedBytes, Math.min(sizeBytes, this.#content.sizeBytes));
  }

  async close(): Promise<void> {
    await nextTurn();
    this.#check('close');
    this.#closed = true;
  }

  #check(doing: string): void {
    if (this.#born !== this.#volume.life) throw toVolumeError(errno('EIO'), doing, this.path);
  }
}

function append(content: Content, bytes: Uint8Array): void {
  const needed = content.sizeBytes + bytes.length;
  if (needed > content.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, content.bytes.length * 2));
    grown.set(content.bytes.subarray(0, content.sizeBytes));
    content.bytes = grown;
  }
  content.bytes.set(bytes, content.sizeBytes);
  content.sizeBytes = needed;
}

/** Of the unsynced tail a prefix of random length survives; sometimes the size was kept and the rest reads as zeros. */
function forget(content: Content, random: () => number): void {
  const unsyncedBytes = content.sizeBytes - content.syncedBytes;
  const keptBytes = content.syncedBytes + (random() < 0.5 ? 0 : Math.floor(random() * (unsyncedBytes + 1)));
  if (random() < 0.3) content.bytes.fill(0, keptBytes, content.sizeBytes);
  else content.sizeBytes = keptBytes;
  content.syncedBytes = content.sizeBytes;
  content.named = true;
}

function toReader(content: Content): VolumeReader {
  const sizeBytes = content.sizeBytes;
  const readAt = (offsetBytes: number, lengthBytes: number): Uint8Array =>
    content.bytes.slice(Math.min(offsetBytes, sizeBytes), Math.min(offsetBytes + lengthBytes, sizeBytes));
  return {
    sizeBytes,
    readAt,
    read: async (offsetBytes, lengthBytes) => {
      await nextTurn();
      return readAt(offsetBytes, lengthBytes);
    },
    close: nextTurn,
  };
}
