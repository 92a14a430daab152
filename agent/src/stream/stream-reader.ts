import type { CodedFrame, TrackDescription } from '@porchlight/media/frame';
import type { GapReason } from '@porchlight/contract/recordings';

/** One uninterrupted run of a stream: media time and wall time move together, nothing is missing. */
export type StreamRun = { readonly id: string; readonly startWallMs: number };

/** A frame with the times that all readers share. */
export type TimedFrame = {
  readonly frame: CodedFrame;
  /** Decode time in track ticks (equals pts for audio). */
  readonly dtsTicks: number;
  /** Wall time of presentation, milliseconds UTC, with fractions; never steps within a run. */
  readonly wallMs: number;
  /** Monotonic time of receipt. */
  readonly receivedMs: number;
};

/** Pictures that were recorded, out of their file; undefined when it does not give them back. */
export type ReadBack = () => readonly TimedFrame[] | undefined;

/** Takes what a stream sends, synchronously and in order; must not block and must not change what it is given. */
export type StreamReader = {
  /** Before the first frame, and again whenever tracks or run change; the next video frame is then a key frame. */
  onTracks(tracks: readonly TrackDescription[], run: StreamRun): void;
  onFrame(timed: TimedFrame): void;
  /** The run is over; footage stops at `wallMs` for `reason`. */
  onEnd(gap: { readonly reason: GapReason; readonly wallMs: number }): void;
};
