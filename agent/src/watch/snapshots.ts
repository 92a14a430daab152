import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { CodedPicture } from './messages.ts';
import type { Watcher } from './watcher.ts';

/** A camera's newest key frame and when it was. */
export type NewestPicture = CodedPicture & { readonly wallMs: number };

/** A JPEG of a moment. */
export type Snapshot = { readonly jpeg: Uint8Array; readonly wallMs: number };

/** Newest pictures as JPEGs. */
export type Snapshots = {
  /** Throws `HouseError` unavailable when the camera sends nothing or nothing can decode it. */
  get(camera: CameraId, stream: StreamName): Promise<Snapshot>;
};

const freshMs = 1000;

/** Opens snapshots that are made at most once a second for each camera and stream, however many ask. */
export function openSnapshots(options: {
  /** The newest key frame of a stream, undefined when there is none. */
  findPicture(camera: CameraId, stream: StreamName): Promise<NewestPicture | undefined>;
  readonly watcher: Pick<Watcher, 'toJpeg'>;
  readonly clock: Clock;
}): Snapshots {
  const { clock } = options;
  const made = new Map<string, { atMs: number; snapshot: Promise<Snapshot> }>();

  const make = async (camera: CameraId, stream: StreamName): Promise<Snapshot> => {
    const picture = await options.findPicture(camera, stream);
    if (!picture) {
      throw new HouseError('unavailable', 'The camera sends no pictures right now', {
        fix: 'Try again when it is online.',
      });
    }
    return { jpeg: await options.watcher.toJpeg(picture), wallMs: Math.round(picture.wallMs) };
  };
  return {
    get(camera, stream) {
      const nowMs = clock.monotonicMs();
      for (const [key, { atMs }] of made) if (nowMs - atMs >= freshMs) made.delete(key);
      const key = `${camera} ${stream}`;
      const known = made.get(key);
      if (known) return known.snapshot;
      const snapshot = make(camera, stream);
      made.set(key, { atMs: nowMs, snapshot });
      return snapshot;
    },
  };
}
