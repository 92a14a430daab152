import { releaseFrame, type VideoFrame } from '@porchlight/media/frame';
import type { ReadBack, TimedFrame } from './stream-reader.ts';

const maxBytes = 8 * 1024 * 1024;
const maxVideoFrames = 600;
const maxAudioFrames = 1800;

/**
 * The frames since the last key frame, so that a new reader starts at once. Bounded: a larger group is given up as a whole.
 * It owns its frames (see `FrameMemory`) and releases each when it leaves, unless it was shared with somebody who does not say when he is done.
 *
 * Pictures that have been recorded leave it early, and come back out of the file when somebody asks: hundreds of cameras that nobody watches
 * would each keep a group in memory.
 *
 * One array serves all groups, and what leaves is struck out of it. A new array for each group would soon be an old object, dead and not yet
 * collected, that keeps its frames alive until the next full collection: all frames would grow old, and collecting them was a fifth of the CPU.
 */
export class GopRing {
  /** Undefined: a picture that has been written, and waits in its file. */
  readonly #frames: (TimedFrame | undefined)[] = [];
  /** Frames in the group. */
  #count = 0;
  /** Frames before this index have been shared. */
  #shared = 0;
  /** Pictures before this index have been written. */
  #written = 0;
  #readBack: ReadBack | undefined;
  #sizeBytes = 0;
  #videoFrames = 0;
  /** The key frame of a group that was given up. */
  #loneKey: TimedFrame | undefined;

  /** How many frames the group has. */
  get length(): number {
    return this.#count;
  }

  /** The frames, for good: none of them is released. None when the disk does not give back what was written. */
  share(): readonly TimedFrame[] {
    this.#fill();
    this.#shared = this.#count;
    return this.#frames.slice(0, this.#count) as TimedFrame[];
  }

  /** The key frame that the group began with, for good; kept when the group was given up. */
  shareKey(): TimedFrame | undefined {
    return this.#count > 0 ? this.share()[0] : this.#loneKey;
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
      this.#loneKey = this.share()[0];
      this.#strikeOut();
      return;
    }
    this.#frames[this.#count++] = timed;
    if (shared) this.#shared = this.#count;
  }

  /** These pictures are in a file now, from which `readBack` gives all of the group that are. Those of an earlier group are none of ours. */
  noteWritten(pictures: readonly { readonly frame: VideoFrame }[], readBack: ReadBack): void {
    let at = this.#written;
    for (const { frame } of pictures) {
      while (at < this.#count && this.#frames[at]!.frame.kind === 'audio') at++;
      if (at >= this.#count || this.#frames[at]!.frame !== frame) break;
      if (at >= this.#shared) releaseFrame(frame);
      this.#frames[at++] = undefined;
      this.#written = at;
      this.#readBack = readBack;
    }
  }

  /** Lets all frames go. */
  clear(): void {
    this.#loneKey = undefined;
    this.#strikeOut();
  }

  /** Puts what was written back into its places. */
  #fill(): void {
    if (this.#readBack === undefined) return;
    const pictures = this.#readBack() ?? [];
    this.#readBack = undefined;
    let next = 0;
    for (let index = 0; index < this.#written; index++) {
      if (this.#frames[index]?.frame.kind === 'audio') continue;
      const picture = pictures[next++];
      if (picture === undefined) return this.#strikeOut();
      this.#frames[index] ??= picture;
    }
    if (next !== pictures.length) this.#strikeOut();
  }

  #strikeOut(): void {
    for (let index = 0; index < this.#count; index++) {
      const timed = this.#frames[index];
      if (timed !== undefined && index >= this.#shared) releaseFrame(timed.frame);
      this.#frames[index] = undefined;
    }
    this.#count = 0;
    this.#shared = 0;
    this.#written = 0;
    this.#readBack = undefined;
    this.#sizeBytes = 0;
    this.#videoFrames = 0;
  }
}
