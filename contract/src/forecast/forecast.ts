import type { CameraId } from '#ids';
import type { FootageBudget, VolumeStatus } from '#storage';

/** What of one camera comes in, and what bounds it beside the whole. */
export type Inflow = {
  readonly id: CameraId;
  readonly bytesPerDay: number;
  /** Most bytes, and most days, by its own budget. */
  readonly mostBytes?: number | undefined;
  readonly mostDays?: number | undefined;
};

export type Forecast = {
  /** The least of all cameras. */
  readonly days: number | undefined;
  readonly ofCamera: ReadonlyMap<CameraId, number>;
};

const mostDays = 3650;

const gib = 2 ** 30;

/** The free space that is never used: 1 % of the volume, at most 1 GiB. */
export function toFloorBytes(totalBytes: number): number {
  return Math.min(gib, Math.floor(totalBytes / 100));
}

/** Bytes that footage may come to use on a volume: its cap, or less where the disk has no room for it. Not there: none. */
export function toUsableBytes(
  volume: Pick<VolumeStatus, 'capBytes' | 'usedBytes' | 'freeBytes' | 'totalBytes'>,
): number {
  const { capBytes, usedBytes, freeBytes, totalBytes } = volume;
  if (freeBytes === undefined || totalBytes === undefined) return 0;
  return Math.min(capBytes, Math.max(0, usedBytes + freeBytes - toFloorBytes(totalBytes)));
}

type Sending = Pick<Inflow, 'id' | 'bytesPerDay'>;
type Limits = { readonly capBytes?: number | undefined; readonly budget: FootageBudget };

/** A camera that sends so much, within its limits. */
export function toInflow({ id, bytesPerDay }: Sending, { capBytes, budget: { continuous } }: Limits): Inflow {
  const limits = [capBytes, continuous?.bytes].filter((limit) => limit !== undefined);
  const mostBytes = limits.length === 0 ? undefined : Math.min(...limits);
  return { id, bytesPerDay, mostBytes, mostDays: continuous?.days };
}

/** The share of the whole that no other camera's footage takes from one: half of an equal share. The other half goes by age. */
export function toSafeBytes(capBytes: number, cameras: number): number {
  return capBytes / (2 * Math.max(1, cameras));
}

/**
 * For how many days footage will be kept: the whole is filled by the rules that retention follows, every camera up to the same age,
 * none below its safe share, none above its own budget. Cameras that send nothing are left out.
 */
export function forecast(capBytes: number, cameras: readonly Inflow[]): Forecast {
  const sending = cameras.filter(({ bytesPerDay }) => bytesPerDay > 0);
  const safeBytes = toSafeBytes(capBytes, cameras.length);
  const bytesAt = (camera: Inflow, days: number): number => {
    const limitBytes = Math.min(camera.mostBytes ?? Infinity, (camera.mostDays ?? mostDays) * camera.bytesPerDay);
    return Math.min(limitBytes, Math.max(safeBytes, days * camera.bytesPerDay));
  };
  const sumAt = (days: number): number => sending.reduce((sum, camera) => sum + bytesAt(camera, days), 0);
  let [low, high] = [0, mostDays];
  for (let step = 0; step < 60 && sumAt(high) > capBytes; step++) {
    const middle = (low + high) / 2;
    if (sumAt(middle) > capBytes) high = middle;
    else low = middle;
    if (high - low < 1e-4) break;
  }
  const days = sumAt(high) > capBytes ? low : high;
  const ofCamera = new Map(sending.map((camera) => [camera.id, bytesAt(camera, days) / camera.bytesPerDay]));
  return { days: sending.length === 0 ? undefined : Math.min(...ofCamera.values()), ofCamera };
}
