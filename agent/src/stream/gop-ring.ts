import type { TimedFrame } from './stream-reader.ts';

const maxBytes = 8 * 1024 * 1024;
const maxVideoFrames = 600;
const maxAudioFrames = 1800;

/** The frames since the last key frame, so that a new reader starts at once. Bounded: a larger group is given up as a whole. */
export type GopRing = {
  readonly frames: readonly TimedFrame[];
  /** A key frame starts the ring anew; what follows a group that grew too large is left out until then. */
  push(timed: TimedFrame): void;
  clear(): void;
};

/** Opens an empty ring. Frames are kept as they are, not copied. */
export function openGopRing(): GopRing {
  let frames: TimedFrame[] = [];
  let sizeBytes = 0;
  let videoFrames = 0;

  const clear = (): void => {
    frames = [];
    sizeBytes = 0;
    videoFrames = 0;
  };
  return {
    get frames() {
      return frames;
    },
    push(timed) {
      const { frame } = timed;
      if (frame.kind === 'video' && frame.key) clear();
      else if (frames.length === 0) return;
      sizeBytes += frame.kind === 'video' ? frame.sizeBytes : frame.data.length;
      if (frame.kind === 'video') videoFrames++;
      if (sizeBytes > maxBytes || videoFrames > maxVideoFrames || frames.length - videoFrames > maxAudioFrames) clear();
      else frames.push(timed);
    },
    clear,
  };
}
