import type { Keeping } from '#retention';
import { findBudgetFault, refuseFault, toMostBytes } from '#retention';
import { checkFolder, type Volumes } from '#storage';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { defaultStorageConfig, type DiskCheck, type StorageConfig } from '@porchlight/contract/storage';

export type StorageDeskOptions = {
  readonly volumes: Pick<Volumes, 'setPlaces' | 'list'>;
  readonly keeping: Pick<Keeping, 'findFault' | 'noteRefused' | 'setStorage' | 'holding' | 'kept'>;
  /** The cameras that are recorded. */
  readonly cameras: () => readonly CameraId[];
  readonly clock: Clock;
  readonly log: Log;
};

/** Those who know the disks. */
export type StorageDesk = {
  /** Takes over what the hub wants; what cannot be done is refused with the reason, and what was before stays. */
  apply(config: StorageConfig | undefined): void;
  /** Throws `HouseError` invalid with the reason when the disks do not agree. */
  check(config: StorageConfig): Promise<void>;
  /** Writes to a folder and tells how that went; without one, to the first place there is. */
  checkFolder(folder: string | undefined): Promise<DiskCheck>;
};

export function openStorageDesk({ volumes, keeping, cameras, clock, log }: StorageDeskOptions): StorageDesk {
  const look = (folder: string): Promise<DiskCheck> => checkFolder(folder, { clock, toMostBytes });
  const folderOf = (id: string, folder: string | undefined): string | undefined =>
    folder ?? volumes.list().find((place) => place.id === id)?.folder;
  return {
    apply(config) {
      const fault = config && keeping.findFault(config);
      keeping.noteRefused(fault);
      if (fault !== undefined) {
        log.error('The hub wants footage kept in a way that the disks do not allow', { fault });
        return;
      }
      // Recorders end their files where they are, and may begin one there at this moment.
      const recording = volumes.list()[0];
      const holding = recording === undefined ? keeping.holding() : [...new Set([...keeping.holding(), recording.id])];
      volumes.setPlaces((config ?? defaultStorageConfig).volumes, holding);
      keeping.setStorage(config);
    },
    async check(config) {
      for (const volume of config.volumes) {
        const folder = folderOf(volume.id, volume.folder);
        if (folder === undefined)
          throw new HouseError('invalid', 'There is no such place', { fix: 'Give its folder.' });
        const inUse = volumes.list().find((place) => place.id === volume.id && place.folder === folder);
        const found = await look(folder);
        // A place in use that has trouble just now is not the fault of what is asked.
        if (!found.ok && inUse === undefined) throw toRefusal(found);
        const { freeBytes = 0, totalBytes } = found;
        if (totalBytes !== undefined) refuseFault(findBudgetFault({ ...volume, folder }, { freeBytes, totalBytes }));
      }
    },
    async checkFolder(folder) {
      const chosen = folder ?? volumes.list()[0]?.folder;
      if (chosen === undefined) return { ok: false, message: 'There is no place for footage' };
      const ids = cameras();
      const bytesPerDay = ids.reduce((sum, id) => sum + (keeping.kept(id).bytesPerDay ?? 0), 0);
      return { ...(await look(chosen)), cameras: ids.length, ...(bytesPerDay > 0 ? { bytesPerDay } : {}) };
    },
  };
}

function toRefusal({ message, fix }: DiskCheck): HouseError {
  return new HouseError('invalid', message, fix === undefined ? {} : { fix });
}
