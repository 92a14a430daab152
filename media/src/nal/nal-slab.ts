import type { FrameMemory } from '#frame';

/** One slab holds about a quarter of a second of 2 Mbit/s; whoever keeps one small view keeps at most this much. */
const slabBytes = 64 * 1024;
/**
 * Free slabs kept for the next pictures, by all streams of a thread together: room for what gathers while a disk is slow for a moment.
 * What does not fit is garbage outside the heap, which V8 is in no hurry to collect (bench/RESULTS.md).
 */
const maxFreeSlabs = 2048;
/**
 * After so many slabs taken, those that have lain free all the time are given up, but for a few: a disk that was slow for a moment must not
 * cost memory for ever.
 */
const trimEvery = 1024;
const keptFreeSlabs = 128;
const prefixBytes = 4;
const freeSlabs: Uint8Array[] = [];
/** Fewest slabs that were free since the last trim. */
let fewestFree = 0;
let taken = 0;

function takeFreeSlab(): Uint8Array | undefined {
  if (++taken >= trimEvery) {
    freeSlabs.length -= Math.max(0, fewestFree - keptFreeSlabs);
    fewestFree = freeSlabs.length;
    taken = 0;
  }
  const slab = freeSlabs.pop();
  if (freeSlabs.length < fewestFree) fewestFree = freeSlabs.length;
  return slab;
}

/** Memory that NAL units lie in. Used again when its writer has moved on and everybody has let go; otherwise left to the collector. */
class Slab implements FrameMemory {
  readonly bytes: Uint8Array;
  #holds = 1; // the writer's

  constructor(sizeBytes: number) {
    this.bytes = (sizeBytes === slabBytes ? takeFreeSlab() : undefined) ?? new Uint8Array(sizeBytes);
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    if (--this.#holds === 0 && this.bytes.length === slabBytes && freeSlabs.length < maxFreeSlabs) {
      freeSlabs.push(this.bytes);
    }
  }
}

function readLast4(bytes: Uint8Array, end: number): number {
  return (bytes[end - 4]! << 24) | (bytes[end - 3]! << 16) | (bytes[end - 2]! << 8) | bytes[end - 1]!;
}

/** A NAL unit behind its length, and the memory it lies in, held once for whoever takes it. */
export type SlabUnit = { readonly lengthPrefixed: Uint8Array; readonly memory: FrameMemory };

/**
 * Where NAL units are put together, each behind its 4-byte length, so that a picture lies in memory as MP4 stores it and
 * consecutive pictures touch. A view of each packet would be an object that lives as long as the GOP, pins the chunk it
 * came in, and counts again at every write and hash; copied bytes lie in memory that can be used again (bench/RESULTS.md).
 */
export class NalSlab {
  #slab = new Slab(0);
  /** Where the open NAL unit's length stands. */
  #start = 0;
  #end = prefixBytes;

  /** Bytes of the open NAL unit. */
  get sizeBytes(): number {
    return this.#end - this.#start - prefixBytes;
  }

  /** First byte of the open NAL unit; undefined while it is empty. */
  get firstByte(): number | undefined {
    return this.sizeBytes > 0 ? this.#slab.bytes[this.#start + prefixBytes] : undefined;
  }

  push(byte: number): void {
    this.#reserve(1);
    this.#slab.bytes[this.#end++] = byte;
  }

  /** Appends `bytes` but their first `skip` (0 to 4): what those overwrite before the end is put back, which costs less than a view. */
  append(bytes: Uint8Array, skip = 0): void {
    const length = bytes.length - skip;
    this.#reserve(length);
    const end = this.#end;
    const slab = this.#slab.bytes;
    const kept = skip > 0 ? readLast4(slab, end) : 0;
    slab.set(bytes, end - skip);
    for (let back = 1; back <= skip; back++) slab[end - back] = kept >>> (8 * (back - 1));
    this.#end = end + length;
  }

  /** Takes zeros off the end. */
  trimZeros(): void {
    const { bytes } = this.#slab;
    while (this.sizeBytes > 0 && bytes[this.#end - 1] === 0) this.#end--;
  }

  /** Forgets the open NAL unit. */
  drop(): void {
    this.#end = this.#start + prefixBytes;
  }

  /** Hands out the open NAL unit, and begins the next. */
  take(): SlabUnit {
    const size = this.sizeBytes;
    const memory = this.#slab;
    const { bytes } = memory;
    const start = this.#start;
    bytes[start] = size >>> 24;
    bytes[start + 1] = size >>> 16;
    bytes[start + 2] = size >>> 8;
    bytes[start + 3] = size;
    this.#start = this.#end;
    this.#end += prefixBytes;
    memory.hold();
    return { lengthPrefixed: bytes.subarray(start, this.#start), memory };
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#slab.bytes.length) return;
    const held = this.#end - this.#start;
    const needed = held + more;
    const old = this.#slab;
    this.#slab = new Slab(needed <= slabBytes ? slabBytes : 2 * needed);
    if (this.sizeBytes > 0) this.#slab.bytes.set(old.bytes.subarray(this.#start, this.#end));
    this.#start = 0;
    this.#end = held;
    old.release();
  }
}
