import type { Archive } from '#archive';
import type { FootageRecord } from '#playback';
import type { Volume } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import type { JobFolder } from './job-folder.ts';
import type { Pace } from './pace.ts';

/** What jobs are made of. */
export type JobParts = {
  readonly archive: Archive;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  readonly record: FootageRecord;
  readonly folder: JobFolder;
  readonly pace: Pace;
  /** IANA name of the house's time zone. */
  readonly timeZone: string;
  /** The camera's own clock minus the agent's, where it tells. */
  readonly findClockOffset: (camera: CameraId) => number | undefined;
  /** Whether a time server keeps the machine's clock right; undefined where the system does not tell. */
  readonly isSynchronized: () => boolean | undefined;
};

/** Free space that an export leaves: twice what recording keeps free (1 % of the volume, at most 1 GiB). */
export function toReserveBytes(totalBytes: number): number {
  return 2 * Math.min(1 << 30, Math.floor(totalBytes / 100));
}
