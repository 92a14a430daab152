import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { streamNameSchema } from '@porchlight/contract/camera';

/** Where the segment that starts at `startWallMs` lies: `camera/stream/2026-11-20/13-45-00.120Z.mp4`, in UTC. */
export function toSegmentPath(camera: CameraId, stream: StreamName, startWallMs: number): string {
  const iso = new Date(startWallMs).toISOString();
  const [date, time] = [iso.slice(0, iso.indexOf('T')), iso.slice(iso.indexOf('T') + 1)];
  return `${camera}/${stream}/${date}/${time.replaceAll(':', '-')}.mp4`;
}

/** The id of the segment at `path`. */
export function toSegmentId(path: string): string {
  return path.replace(/\.mp4$/, '');
}

/** Where the segment's file lies once it has been reduced to its key frames. */
export function toThinnedPath(path: string): string {
  return path.replace(/Z\.mp4$/, 'Z.key.mp4');
}

export type SegmentPlace = {
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly startWallMs: number;
  /** Of a file of key frames: where the whole one lay. */
  readonly thinnedFrom?: string;
};

/** What a path says, or undefined when the house has not made it. */
export function parseSegmentPath(path: string): SegmentPlace | undefined {
  const match = /^([^/]+)\/([^/]+)\/(\d{4}-\d\d-\d\d)\/(\d\d)-(\d\d)-(\d\d\.\d{3})Z(\.key)?\.mp4$/.exec(path);
  const camera = cameraIdSchema.safeParse(match?.[1]);
  const stream = streamNameSchema.safeParse(match?.[2]);
  if (match === null || !camera.success || !stream.success) return undefined;
  const startWallMs = Date.parse(`${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`);
  if (Number.isNaN(startWallMs)) return undefined;
  const place = { camera: camera.data, stream: stream.data, startWallMs };
  return match[7] === undefined ? place : { ...place, thinnedFrom: path.replace('.key.mp4', '.mp4') };
}
