import type { StreamRun, TimedFrame } from '#stream';
import { releaseFrame, type TrackDescription } from '@porchlight/media/frame';
import { RingMemory } from './ring-memory.ts';

/** What the frames of a group belong to. */
export type RingTracks = { readonly tracks: readonly TrackDescription[]; readonly run: StreamRun };

/** A key frame and what depends on it. */
export type RingGroup = RingTracks & { readonly startWallMs: number; readonly frames: TimedFrame[]; sizeBytes: number };

/** Most bytes of one ring: 10 s at 8 Mbit/s with a group of 4 s, and some. */
const defaultMaxBytes = 16 << 20;

/**
 * The last seconds of one stream as coded frames, copied, whole groups only: what an event begins with. As long as it takes for a key
 * frame at or before `keepMs` ago to be in it, unless that is more than `maxBytes`; then the oldest group goes, and it is counted.
 */
export class EventRing {
  keepMs: number;
  readonly #maxBytes: number;
  readonly #memory = new RingMemory();
  #groups: RingGroup[] = [];
  #sizeBytes = 0;
  /** Groups that had to go before their time. */
  tooLarge = 0;

  constructor(keepMs: number, maxBytes = defaultMaxBytes) {
    this.keepMs = keepMs;
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Wall time of the oldest picture; undefined when empty. */
  get startWallMs(): number | undefined {
    return this.#groups[0]?.startWallMs;
  }

  /** Frames before the first key frame are left out. */
  push(timed: TimedFrame, of: RingTracks): void {
    const { frame, wallMs } = timed;
    if (frame.kind === 'video' && frame.key) {
      this.#groups.push({ ...of, startWallMs: wallMs, frames: [], sizeBytes: 0 });
      this.#forget(wallMs);
    }
    const group = this.#groups.at(-1);
    if (group === undefined) return;
    const sizeBytes = frame.kind === 'video' ? frame.sizeBytes : frame.data.length;
    group.frames.push({ ...timed, frame: this.#memory.copy(frame) });
    group.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
    while (this.#sizeBytes > this.#maxBytes && this.#groups.length > 0) {
      this.tooLarge++;
      this.#drop();
    }
  }

  /**
   * Hands the frames on, from the last key frame at or before a time, or from the oldest there is; the ring is empty then. Takers that
   * keep a frame hold it: it is released here.
   */
  drain(fromMs: number, take: (group: RingGroup) => void): void {
    const groups = this.#groups;
    this.#groups = [];
    this.#sizeBytes = 0;
    const first = Math.max(
      0,
      groups.findLastIndex(({ startWallMs }) => startWallMs <= fromMs),
    );
    groups.forEach((group, index) => {
      if (index >= first) take(group);
      release(group);
    });
  }

  clear(): void {
    while (this.#groups.length > 0) this.#drop();
  }

  /** Lets go of groups that no trigger from now on reaches back to. */
  #forget(newestWallMs: number): void {
    for (;;) {
      const second = this.#groups[1];
      if (second === undefined || second.startWallMs > newestWallMs - this.keepMs) return;
      this.#drop();
    }
  }

  #drop(): void {
    const group = this.#groups.shift();
    if (group === undefined) return;
    this.#sizeBytes -= group.sizeBytes;
    release(group);
  }
}

function release(group: RingGroup): void {
  for (const { frame } of group.frames) releaseFrame(frame);
}
