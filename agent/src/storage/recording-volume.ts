import { openDiskVolume, toTroubleError, type Volume } from '#volume';
import type { VolumeId } from '@porchlight/contract/storage';
import { IdentityGuard } from './volume-identity.ts';

/** Where recorders write: plain data, so that it crosses threads. */
export type RecordingTarget = {
  readonly id: VolumeId;
  readonly folder: string;
  /** What the identity file says; undefined: it has not been there yet, so nothing is written. */
  readonly identity: string | undefined;
};

/** A volume for recorders whose place can be changed while they record: new files go to the new place, open ones end where they are. */
export type RecordingVolume = Volume & { setTarget(target: RecordingTarget): void };

export function openRecordingVolume(first: RecordingTarget): RecordingVolume {
  let target = first;
  let current = openTarget(first);
  /** Places that files may still be open on. */
  let before: readonly Volume[] = [];
  /** Does it on every place; one that does it is enough. */
  const everywhere = async (call: (volume: Volume) => Promise<void>): Promise<void> => {
    const results = await Promise.allSettled([current, ...before].map(call));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed && results.every(({ status }) => status === 'rejected')) throw failed.reason;
  };
  const onAny = async <Opened>(call: (volume: Volume) => Promise<Opened>): Promise<Opened> => {
    for (const volume of before) {
      const opened = await call(volume).catch(() => undefined);
      if (opened !== undefined) return opened;
    }
    return call(current);
  };
  return {
    setTarget(next) {
      if (next.id === target.id && next.folder === target.folder && next.identity === target.identity) return;
      before = [current, ...before].slice(0, 4);
      target = next;
      current = openTarget(next);
    },
    create: (path, options) => current.create(path, options),
    openFile: (path) => onAny((volume) => volume.openFile(path)),
    openReader: (path) => onAny((volume) => volume.openReader(path)),
    syncFolder: (folder) => everywhere((volume) => volume.syncFolder(folder)),
    remove: (path) => everywhere((volume) => volume.remove(path)),
    removeFolder: (path) => current.removeFolder(path),
    move: (from, to) => current.move(from, to),
    list: (path) => current.list(path),
    space: () => current.space(),
  };
}

function openTarget({ id, folder, identity }: RecordingTarget): Volume {
  const guard =
    identity === undefined
      ? { verify: () => Promise.reject(toTroubleError('missing')), isSame: () => false }
      : new IdentityGuard(folder, identity);
  return openDiskVolume(folder, { id, guard });
}
