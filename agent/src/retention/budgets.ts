import type { CameraId } from '@porchlight/contract/ids';
import {
  mainVolume,
  type FootageBudget,
  type StorageConfig,
  type VolumeConfig,
  type VolumeId,
} from '@porchlight/contract/storage';

const defaultMostBytes = 20e9;
export const dayMs = 86_400_000;

/** What this process may still write, and the size of the whole. */
export type Space = { readonly freeBytes: number; readonly totalBytes: number };

/** The most that may be chosen: 90 % of the volume. */
export function toMostBytes(totalBytes: number): number {
  return Math.floor(totalBytes * 0.9);
}

/** Until somebody has chosen: the smaller of 20 GB and a quarter of what was free at first. */
export function toDefaultBytes(freeBytes: number): number {
  return Math.max(1, Math.floor(Math.min(defaultMostBytes, freeBytes / 4)));
}

/** Most bytes of footage on a volume. */
export function toCapBytes(config: VolumeConfig | undefined, defaultBytes: number, space: Space | undefined): number {
  const most = space === undefined ? Infinity : toMostBytes(space.totalBytes);
  if (config?.bytes === undefined) return defaultBytes;
  if (config.bytes === 'most') return space === undefined ? defaultBytes : most;
  return Math.min(config.bytes, most);
}

/** Why a disk cannot do what is asked of it; undefined when it can. */
export function findBudgetFault({ bytes, folder, id }: VolumeConfig, { totalBytes }: Space): string | undefined {
  if (typeof bytes !== 'number' || bytes <= toMostBytes(totalBytes)) return undefined;
  const toGb = (sizeBytes: number): string => `${(sizeBytes / 1e9).toFixed(1)} GB`;
  return `${toGb(bytes)} is more than 90 % of ${folder ?? id}, which holds ${toGb(totalBytes)}: choose at most ${toGb(toMostBytes(totalBytes))}`;
}

export type CameraLimits = {
  readonly capBytes?: number | undefined;
  readonly budget?: FootageBudget | undefined;
};

/** What an owner has asked for, looked up by volume and camera. */
export class Budgets {
  #config: StorageConfig | undefined;
  #cameras = new Map<CameraId, CameraLimits>();

  setStorage(config: StorageConfig | undefined): void {
    this.#config = config;
  }

  setCamera(camera: CameraId, limits: CameraLimits): void {
    this.#cameras.set(camera, limits);
  }

  /** Cameras that are not among these any more have no safe share and no limits. */
  keepCameras(ids: ReadonlySet<CameraId>): void {
    for (const id of this.#cameras.keys()) if (!ids.has(id)) this.#cameras.delete(id);
  }

  /** Cameras that are recorded. */
  get cameras(): readonly CameraId[] {
    return [...this.#cameras.keys()];
  }

  has(camera: CameraId): boolean {
    return this.#cameras.has(camera);
  }

  /** Whether somebody lists this place; a place that is only emptying is not. */
  isListed(id: VolumeId): boolean {
    return this.#config === undefined ? id === mainVolume : this.ofVolume(id) !== undefined;
  }

  /** Where footage of a place moves on to. */
  nextOf(id: VolumeId): VolumeId | undefined {
    const volumes = this.#config?.volumes ?? [];
    const at = volumes.findIndex((volume) => volume.id === id);
    return at < 0 ? undefined : volumes[at + 1]?.id;
  }

  ofVolume(id: VolumeId): VolumeConfig | undefined {
    return this.#config?.volumes.find((volume) => volume.id === id);
  }

  capOf(camera: CameraId): number | undefined {
    return this.#cameras.get(camera)?.capBytes;
  }

  /** A camera's own budget, or that of every camera. */
  ofCamera(camera: CameraId): FootageBudget {
    return this.#cameras.get(camera)?.budget ?? this.#config?.budget ?? {};
  }
}
