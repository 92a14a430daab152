import type { ArchiveEvent } from '#archive';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { GapReason } from '@porchlight/contract/recordings';

/** What has been recorded of one stream since the start. */
export type RecordingFigures = {
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly segments: number;
  readonly fragments: number;
  readonly bytes: number;
  /** Times that footage stopped, by reason; `dropped` are full queues. */
  readonly gaps: Readonly<Partial<Record<GapReason, number>>>;
};

/** Counts what the recorders tell the archive. */
export type RecordingMeter = {
  note(event: ArchiveEvent): void;
  figures(): RecordingFigures[];
  /** Other cameras are none any more. */
  keep(cameras: readonly CameraId[]): void;
};

type Counts = {
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  segments: number;
  fragments: number;
  bytes: number;
  readonly gaps: Partial<Record<GapReason, number>>;
};

/** Opens a meter. */
export function openRecordingMeter(): RecordingMeter {
  const streams = new Map<string, Counts>();
  const open = new Map<string, Counts>();
  const find = (cameraId: CameraId, stream: StreamName): Counts => {
    const key = `${cameraId} ${stream}`;
    let counts = streams.get(key);
    if (!counts) streams.set(key, (counts = { cameraId, stream, segments: 0, fragments: 0, bytes: 0, gaps: {} }));
    return counts;
  };
  return {
    note(event) {
      switch (event.kind) {
        case 'segment-opened': {
          const counts = find(event.camera, event.stream);
          counts.segments++;
          counts.bytes += event.init.length;
          open.set(event.segment, counts);
          break;
        }
        case 'fragment': {
          const counts = open.get(event.segment);
          if (!counts) break;
          counts.fragments++;
          counts.bytes += event.sizeBytes;
          break;
        }
        case 'segment-closed':
        case 'segment-dropped':
          open.delete(event.segment);
          break;
        case 'gap': {
          const { gaps } = find(event.camera, event.stream);
          gaps[event.reason] = (gaps[event.reason] ?? 0) + 1;
          break;
        }
        default:
          break;
      }
    },
    figures: () => [...streams.values()].map((counts) => ({ ...counts, gaps: { ...counts.gaps } })),
    keep(cameras) {
      const kept = new Set<string>(cameras);
      for (const [key, { cameraId }] of streams) if (!kept.has(cameraId)) streams.delete(key);
      for (const [segment, { cameraId }] of open) if (!kept.has(cameraId)) open.delete(segment);
    },
  };
}
