import type { EventId } from '@porchlight/contract/events';
import type { CameraId } from '@porchlight/contract/ids';
import type { StreamName } from '@porchlight/contract/camera';
import type { GapReason } from '@porchlight/contract/recordings';
import type { VolumeId } from '@porchlight/contract/storage';

/** A segment file has been created and its init section written. */
export type SegmentOpened = {
  readonly kind: 'segment-opened';
  /** Unique within the archive: the path without its ending. */
  readonly segment: string;
  readonly camera: CameraId;
  readonly stream: StreamName;
  /** Absent: the only one there is. */
  readonly volume?: VolumeId;
  /** Below the volume's root, with `/`. */
  readonly path: string;
  readonly run: string;
  readonly startWallMs: number;
  /** Presentation time of the first picture since the run's first picture, in ticks of the video track. */
  readonly startTicks: number;
  readonly clockRateHz: number;
  /** The bytes of `ftyp moov`; fragments follow at `init.length`. */
  readonly init: Uint8Array;
  readonly initHash: string;
  /** For MSE and HLS: `avc1.64001f,flac`. */
  readonly codecString: string;
};

/** One fragment's write has returned. */
export type FragmentWritten = {
  readonly kind: 'fragment';
  readonly segment: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** Video decode time of the first sample within the file, and length, in video ticks. */
  readonly baseTicks: number;
  readonly durationTicks: number;
  /** The first video sample is a key frame. */
  readonly key: boolean;
  readonly endWallMs: number;
};

/** A segment is complete and synced. */
export type SegmentClosed = {
  readonly kind: 'segment-closed';
  readonly segment: string;
  readonly sizeBytes: number;
  readonly endWallMs: number;
  readonly durationTicks: number;
  readonly frames: number;
  readonly packetsLost: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
};

/** A segment came to nothing: its file holds no fragment and has been removed. */
export type SegmentDropped = { readonly kind: 'segment-dropped'; readonly segment: string };

/** Footage stopped (or could not start) at this time for this reason; ends with the next segment of the stream. */
export type GapBegan = {
  readonly kind: 'gap';
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly fromMs: number;
  readonly reason: GapReason;
};

/** An event began or changed: footage of its time has class `event`. `trigger` is the kind of the first one. */
export type EventNoted = {
  readonly kind: 'event';
  readonly camera: CameraId;
  readonly id: EventId;
  readonly trigger: string;
  readonly label?: string;
  readonly atMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly triggers: number;
};

/** What a camera's line tells the archive; plain data, so that it crosses threads by `postMessage`. */
export type ArchiveEvent = SegmentOpened | FragmentWritten | SegmentClosed | SegmentDropped | GapBegan | EventNoted;
