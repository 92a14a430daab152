import { releaseFrame } from '@porchlight/media/frame';
import type { TimedFrame } from './stream-reader.ts';

const maxBytes = 8 * 1024 * 1024;
const maxVideoFrames = 600;
const maxAudioFrames = 1800;

/**
 * The frames since the last key frame, so that a new reader starts at once. Bounded: a larger group is given up as a whole.
 * It owns its frames (see `FrameMemory`) and releases each when it leaves, unless it was shared with somebody who does not say when he is done.
 *
 * One array serves all groups, and what leaves is struck out of it. A new array for each group would soon be an old object, dead and not yet
 * collected, that keeps its frames alive until the next full collection: all frames would grow old, and collecting them was a fifth of the CPU.
 */
export class GopRing {
  readonly #frames: (TimedFrame | undefined)[] = [];
  /** Frames in the group. */
  #count = 0;
  /** Frames before this index have been shared. */
  #shared = 0;
  #sizeBytes = 0;
  #videoFrames = 0;

  /** How many frames the group has. */
  get length(): number {
    return this.#count;
  }

  /** The frames, for good: none of them is released. */
  share(): readonly TimedFrame[] {
    this.#shared = this.#count;
    return this.#frames.slice(0, this.#count) as TimedFrame[];
  }

  /** A key frame starts the ring anew; what follows a group that grew too large is left out until then. */
  push(timed: TimedFrame, shared: boolean): void {
    const { frame } = timed;
    if (frame.kind === 'video' && frame.key) this.clear();
    else if (this.#count === 0) return;
    this.#sizeBytes += frame.kind === 'video' ? frame.sizeBytes : frame.data.length;
    if (frame.kind === 'video') this.#videoFrames++;
    const audioFrames = this.#count + 1 - this.#videoFrames;
    if (this.#sizeBytes > maxBytes || this.#videoFrames > maxVideoFrames || audioFrames > maxAudioFrames) {
      this.#strikeOut(false);
      return;
    }
    this.#frames[this.#count++] = timed;
    if (shared) this.#shared = this.#count;
  }

  /** Lets all frames go. */
  clear(): void {
    this.#strikeOut(true);
  }

  #strikeOut(release: boolean): void {
    for (let index = 0; index < this.#count; index++) {
      if (release && index >= this.#shared) releaseFrame(this.#frames[index]!.frame);
      this.#frames[index] = undefined;
    }
    this.#count = 0;
    this.#shared = 0;
    this.#sizeBytes = 0;
    this.#videoFrames = 0;
  }
}
