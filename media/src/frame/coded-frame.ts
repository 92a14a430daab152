import type { TrackDescription } from './track.ts';

/**
 * One NAL unit: header first, no start code, no length, in one or several views.
 * Its bytes are never written again while anybody holds them (see `FrameMemory`), and never copied on by the house.
 */
export type NalUnit = {
  /** nal_unit_type: 5 bits in H.264 (7.3.1), 6 bits in H.265 (7.3.1.2). */
  readonly type: number;
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  /** The same bytes behind their 4-byte length, as MP4 stores them, when they lie so in memory. @see ISO/IEC 14496-15 5.3.4.2 */
  readonly lengthPrefixed?: Uint8Array;
  /** Where the bytes lie, when that memory can be used again; held once for whoever is given the frame. */
  readonly memory?: FrameMemory;
};

/**
 * Memory that is used again once all who hold it have let go. Nobody has to: memory that somebody never releases is left to the
 * garbage collector. So only those that know when they are done hold and release, and a frame handed to anybody else is never released.
 */
export type FrameMemory = {
  hold(): void;
  /** The holder will not look at the bytes again. */
  release(): void;
};

/** One access unit: all NAL units of one picture (or of a complementary field pair), in decode order. */
export type VideoFrame = {
  readonly kind: 'video';
  /** Index into the stream's tracks. */
  readonly track: number;
  /** Presentation time in track ticks; grows without wrapping. */
  readonly ptsTicks: number;
  /** IDR, BLA, CRA, or I with recovery point 0. */
  readonly key: boolean;
  /** Other pictures predict from this one. False lets a slow reader drop it unseen. */
  readonly reference: boolean;
  readonly nalUnits: readonly NalUnit[];
  /** Sum over NAL units, without length prefixes. */
  readonly sizeBytes: number;
  /** RTP packets known to be missing inside or right before this frame; 0 when whole. */
  readonly packetsLost: number;
};

/** One coded audio frame (AAC access unit, Opus packet, G.711 run of samples). */
export type AudioFrame = {
  readonly kind: 'audio';
  readonly track: number;
  readonly ptsTicks: number;
  readonly durationTicks: number;
  readonly data: Uint8Array;
};

/** What travels from camera to readers. */
export type CodedFrame = VideoFrame | AudioFrame;

/** Expected trouble as a value: counted, shown, attributed; never thrown. */
export type Damage = {
  readonly kind: 'damage';
  readonly track: number;
  readonly reason: 'packets-lost' | 'malformed' | 'timestamp-jump' | 'oversized' | 'missing-parameter-sets';
  readonly count: number;
};

/** Where a depacketizer delivers. Called synchronously, in order; `onTrack` before the first frame it describes. */
export type FrameSink = {
  onTrack(track: number, description: TrackDescription): void;
  onFrame(frame: CodedFrame): void;
  onDamage(damage: Damage): void;
};

/** Holds the bytes of a frame for one more reader. */
export function holdFrame(frame: CodedFrame): void {
  if (frame.kind === 'video') for (const unit of frame.nalUnits) unit.memory?.hold();
}

/** Lets go of the bytes of a frame: exactly once for the one it was given to, and once for each `holdFrame`. */
export function releaseFrame(frame: CodedFrame): void {
  if (frame.kind === 'video') for (const unit of frame.nalUnits) unit.memory?.release();
}
