import { releaseFrame } from '@porchlight/media/frame';
import type { TimedFrame } from './stream-reader.ts';

const maxBytes = 8 * 1024 * 1024;
const maxVideoFrames = 600;
const maxAudioFrames = 1800;

/**
 * The frames since the last key frame, so that a new reader starts at once. Bounded: a larger group is given up as a whole.
 * It owns its frames (see `FrameMemory`) and releases each when it leaves, unless it was shared with somebody who does not say when he is done.
 */
export class GopRing {
  #frames: TimedFrame[] = [];
  /** Frames before this index have been shared. */
  #shared = 0;
  #sizeBytes = 0;
  #videoFrames = 0;

  /** The frames as they are, not copied; for those that let go of them at once. */
  get length(): number {
    return this.#frames.length;
  }

  /** The frames, for good: none of them is released. */
  share(): readonly TimedFrame[] {
    this.#shared = this.#frames.length;
    return this.#frames;
  }

  /** A key frame starts the ring anew; what follows a group that grew too large is left out until then. */
  push(timed: TimedFrame, shared: boolean): void {
    const { frame } = timed;
    if (frame.kind === 'video' && frame.key) this.clear();
    else if (this.#frames.length === 0) return;
    this.#sizeBytes += frame.kind === 'video' ? frame.sizeBytes : frame.data.length;
    if (frame.kind === 'video') this.#videoFrames++;
    const audioFrames = this.#frames.length - this.#videoFrames;
    if (this.#sizeBytes > maxBytes || this.#videoFrames > maxVideoFrames || audioFrames > maxAudioFrames) {
      this.#frames = [];
      this.clear();
      return;
    }
    this.#frames.push(timed);
    if (shared) this.#shared = this.#frames.length;
  }

  /** Lets all frames go. */
  clear(): void {
    for (let index = this.#shared; index < this.#frames.length; index++) releaseFrame(this.#frames[index]!.frame);
    this.#frames = [];
    this.#shared = 0;
    this.#sizeBytes = 0;
    this.#videoFrames = 0;
  }
}
