import { mainVolume, type VolumeId, type VolumeState } from '@porchlight/contract/storage';
import { isMissing } from './volume-errors.ts';
import type { Volume, VolumeReader } from './volume.ts';

/** A volume with its name, as it is at this moment. */
export type VolumePlace = {
  readonly id: VolumeId;
  readonly volume: Volume;
  readonly state: VolumeState;
  readonly sinceMs: number;
  /** The folder, to show to people. */
  readonly folder?: string | undefined;
};

/** All places for footage. */
export interface VolumeSet {
  /** In order: recording goes to the first. Those that footage may lie on, whatever their state. */
  list(): readonly VolumePlace[];
  /** Calls back when the state of one has changed; gives what ends that. Absent: they never change. */
  watch?(call: (place: VolumePlace) => void): () => void;
}

export const findPlace = (set: VolumeSet, id: VolumeId): VolumePlace | undefined =>
  set.list().find((place) => place.id === id);

/** Footage can be read, listed and believed to be missing. */
export const isThere = ({ state }: VolumePlace): boolean => state !== 'missing' && state !== 'wrong';

/** Files can be made and removed. */
export const isWritable = (place: VolumePlace): boolean => isThere(place) && place.state !== 'read-only';

/** A set as it is; one volume as a set in which it is always there. */
export function toVolumeSet(volume: Volume | VolumeSet, id: VolumeId = mainVolume): VolumeSet {
  if (!('openReader' in volume)) return volume;
  const places = [{ id, volume, state: 'ok', sinceMs: 0 }] as const;
  return { list: () => places };
}

/** Opens a file on whichever volume has it: it may have moved on since its place was looked up. */
export async function openReaderOnAny(set: VolumeSet, path: string): Promise<VolumeReader> {
  let failure: unknown;
  for (const { volume } of set.list()) {
    try {
      return await volume.openReader(path);
    } catch (error) {
      if (failure === undefined || isMissing(failure)) failure = error;
    }
  }
  throw failure;
}

/** The set as one volume, for those who read; everything else goes to the first. */
export function toReadingVolume(set: VolumeSet): Volume {
  const first = (): Volume => set.list()[0]!.volume;
  return {
    create: (path, options) => first().create(path, options),
    openFile: (path) => first().openFile(path),
    openReader: (path) => openReaderOnAny(set, path),
    syncFolder: (path) => first().syncFolder(path),
    remove: (path) => first().remove(path),
    removeFolder: (path) => first().removeFolder(path),
    move: (from, to) => first().move(from, to),
    list: (path) => first().list(path),
    space: () => first().space(),
  };
}
