import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import { childBoxes, getBox } from '@porchlight/media/fmp4';
import { readU32 } from '@porchlight/media/bytes';
import { MediaError } from '@porchlight/media/frame';
import type { FragmentTable } from './fragment-table.ts';

/** What the index and every reader of footage know of a segment. */
export type SegmentFacts = {
  /** Number of its row; safe in a URL. */
  readonly id: number;
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly path: string;
  /** Segments of one run share a timeline. */
  readonly run: string;
  readonly startMs: number;
  readonly endMs: number;
  /** Presentation time of the first picture within the run. */
  readonly startTicks: number;
  readonly durationTicks: number;
  readonly clockRateHz: number;
  readonly initHash: string;
  readonly codecString: string;
  readonly open: boolean;
};

/** One segment as a reader of footage sees it: closed, or open and growing. */
export type SegmentView = SegmentFacts & {
  /** Of an open segment: as it is at this moment; do not keep. */
  readonly fragments: FragmentTable;
};

/** Wall time of a tick of the segment: media and wall clock may drift apart by some 10 ms within a file. */
export function toWallMs(segment: Pick<SegmentView, 'startMs' | 'clockRateHz'>, ticks: number): number {
  return segment.startMs + (ticks * 1000) / segment.clockRateHz;
}

/** Ticks per second of each track of an init section, by track id. Throws `MediaError`. @see ISO/IEC 14496-12 8.4.2 */
export function parseTrackRates(init: Uint8Array): Map<number, number> {
  const rates = new Map<number, number>();
  for (const moov of childBoxes(init, 0, init.length)) {
    if (moov.type !== 'moov') continue;
    for (const trak of childBoxes(init, moov.bodyBytes, moov.endBytes)) {
      if (trak.type !== 'trak') continue;
      const tkhd = getBox(init, trak, 'tkhd');
      const mdhd = getBox(init, getBox(init, trak, 'mdia'), 'mdhd');
      const trackId = readU32(init, tkhd.bodyBytes + (init[tkhd.bodyBytes] === 1 ? 20 : 12));
      rates.set(trackId, readU32(init, mdhd.bodyBytes + (init[mdhd.bodyBytes] === 1 ? 20 : 12)));
    }
  }
  if (rates.size === 0) throw new MediaError('malformed', 'Expected tracks in moov');
  return rates;
}
