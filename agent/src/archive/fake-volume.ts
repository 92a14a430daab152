import { checkPath, toVolumeError } from './volume-errors.ts';
import type { Volume, VolumeFile, VolumeReader } from './volume.ts';

/** A volume in memory that forgets what was not synced, and fails when told to. */
export type FakeVolume = Volume & {
  /** Most bytes it takes; less makes writes short and then fail with ENOSPC. */
  capacityBytes: number;
  /** Every write after this many more bytes ends short and rejects with EIO, once. */
  failAfterBytes: number | undefined;
  /**
   * What a disk may hold after the power went: names and bytes that were synced, of the rest a part that `random`
   * chooses (none, a prefix, or a prefix followed by zeros). Open files of before are dead: their calls reject.
   */
  cutPower(random: () => number): void;
  /** All files, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Calls of `sync` on files and folders so far, in order. */
  readonly syncs: readonly string[];
  /** Most calls of `sync` that ever were under way together. */
  readonly mostSyncsAtOnce: number;
};

type Content = { bytes: Uint8Array; sizeBytes: number; syncedBytes: number; named: boolean };

const errno = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Opens an empty fake volume. */
export function openFakeVolume(options: { capacityBytes?: number } = {}): FakeVolume {
  const contents = new Map<string, Content>();
  const syncs: string[] = [];
  let life = 0;
  let syncing = 0;
  let mostSyncsAtOnce = 0;
  const usedBytes = (): number => [...contents.values()].reduce((sum, content) => sum + content.sizeBytes, 0);
  const find = (path: string): Content => {
    const content = contents.get(checkPath(path));
    if (content === undefined) throw toVolumeError(errno('ENOENT'), 'open', path);
    return content;
  };
  const noteSync = async (path: string): Promise<void> => {
    mostSyncsAtOnce = Math.max(mostSyncsAtOnce, ++syncing);
    await nextTurn();
    syncing--;
    syncs.push(path);
  };
  const nameAll = (folder: string): void => {
    for (const [path, content] of contents) if (path.slice(0, path.lastIndexOf('/')) === folder) content.named = true;
  };

  const toFile = (path: string, content: Content): VolumeFile => {
    const born = life;
    const check = (doing: string): void => {
      if (born !== life) throw toVolumeError(errno('EIO'), doing, path);
    };
    return {
      path,
      async write(parts) {
        await nextTurn();
        check('write');
        let freeBytes = volume.capacityBytes - usedBytes();
        for (const part of parts) {
          const take = Math.max(0, Math.min(part.length, freeBytes, volume.failAfterBytes ?? Infinity));
          append(content, part.subarray(0, take));
          freeBytes -= take;
          if (volume.failAfterBytes !== undefined) volume.failAfterBytes -= take;
          if (take === part.length) continue;
          const broken = volume.failAfterBytes === 0;
          if (broken) volume.failAfterBytes = undefined;
          throw toVolumeError(errno(broken ? 'EIO' : 'ENOSPC'), 'write', path);
        }
      },
      async truncate(sizeBytes) {
        await nextTurn();
        check('cut');
        content.sizeBytes = Math.min(content.sizeBytes, sizeBytes);
        content.syncedBytes = Math.min(content.syncedBytes, sizeBytes);
      },
      async sync() {
        check('sync');
        const sizeBytes = content.sizeBytes;
        await noteSync(path);
        check('sync');
        content.syncedBytes = Math.max(content.syncedBytes, Math.min(sizeBytes, content.sizeBytes));
      },
      async close() {
        await nextTurn();
        check('close');
      },
    };
  };

  const volume: FakeVolume = {
    capacityBytes: options.capacityBytes ?? Infinity,
    failAfterBytes: undefined,
    async create(path) {
      await nextTurn();
      if (contents.has(checkPath(path))) throw toVolumeError(errno('EEXIST'), 'create', path);
      if (volume.capacityBytes - usedBytes() <= 0) throw toVolumeError(errno('ENOSPC'), 'create', path);
      const content: Content = { bytes: new Uint8Array(4096), sizeBytes: 0, syncedBytes: 0, named: false };
      contents.set(path, content);
      await volume.syncFolder(path.slice(0, path.lastIndexOf('/')));
      return toFile(path, content);
    },
    async openFile(path) {
      await nextTurn();
      return toFile(path, find(path));
    },
    async openReader(path) {
      await nextTurn();
      return toReader(find(path));
    },
    async syncFolder(path) {
      await noteSync(path);
      nameAll(path);
    },
    async remove(path) {
      await nextTurn();
      contents.delete(checkPath(path));
    },
    async removeFolder(path) {
      await nextTurn();
      for (const name of [...contents.keys()]) if (name.startsWith(`${checkPath(path)}/`)) contents.delete(name);
    },
    async move(from, to) {
      await nextTurn();
      const content = find(from);
      contents.delete(from);
      contents.set(checkPath(to), content);
    },
    async list(path) {
      await nextTurn();
      const prefix = path === '' ? '' : `${checkPath(path)}/`;
      const entries = new Map<string, { name: string; folder: boolean; sizeBytes: number }>();
      for (const [name, content] of contents) {
        if (!name.startsWith(prefix)) continue;
        const [head = '', ...rest] = name.slice(prefix.length).split('/');
        entries.set(head, { name: head, folder: rest.length > 0, sizeBytes: rest.length > 0 ? 0 : content.sizeBytes });
      }
      return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async space() {
      await nextTurn();
      const totalBytes = Number.isFinite(volume.capacityBytes) ? volume.capacityBytes : 2 ** 40;
      return { freeBytes: Math.max(0, totalBytes - usedBytes()), totalBytes };
    },
    cutPower(random) {
      life++;
      for (const [path, content] of [...contents]) {
        if (!content.named && random() < 0.5) contents.delete(path);
        else forget(content, random);
      }
    },
    get files() {
      return new Map([...contents].map(([path, content]) => [path, content.bytes.subarray(0, content.sizeBytes)]));
    },
    syncs,
    get mostSyncsAtOnce() {
      return mostSyncsAtOnce;
    },
  };
  return volume;
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
  const unsynced = content.sizeBytes - content.syncedBytes;
  const kept = content.syncedBytes + (random() < 0.5 ? 0 : Math.floor(random() * (unsynced + 1)));
  if (random() < 0.3) content.bytes.fill(0, kept, content.sizeBytes);
  else content.sizeBytes = kept;
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
