/** One slab holds about a quarter of a second of 2 Mbit/s; whoever keeps one small view keeps at most this much. */
const slabBytes = 64 * 1024;
const prefixBytes = 4;

/**
 * Where NAL units are put together, each behind its 4-byte length, so that a picture lies in memory as MP4 stores it and
 * consecutive pictures touch. Copying a packet once costs less than keeping a view of it: a view is an object that lives
 * as long as the GOP, pins the chunk it came in, and costs again at every write and hash (measured: bench/RESULTS.md).
 * Bytes that have been handed out are never written again.
 */
export class NalSlab {
  #bytes = new Uint8Array(0);
  /** Where the open NAL unit's length stands. */
  #start = 0;
  #end = prefixBytes;

  /** Bytes of the open NAL unit. */
  get sizeBytes(): number {
    return this.#end - this.#start - prefixBytes;
  }

  /** First byte of the open NAL unit; undefined while it is empty. */
  get firstByte(): number | undefined {
    return this.sizeBytes > 0 ? this.#bytes[this.#start + prefixBytes] : undefined;
  }

  push(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Takes zeros off the end. */
  trimZeros(): void {
    while (this.sizeBytes > 0 && this.#bytes[this.#end - 1] === 0) this.#end--;
  }

  /** Forgets the open NAL unit. */
  drop(): void {
    this.#end = this.#start + prefixBytes;
  }

  /** Hands out the open NAL unit behind its length, and begins the next. */
  take(): Uint8Array {
    const size = this.sizeBytes;
    const [bytes, start] = [this.#bytes, this.#start];
    bytes[start] = size >>> 24;
    bytes[start + 1] = size >>> 16;
    bytes[start + 2] = size >>> 8;
    bytes[start + 3] = size;
    const unit = bytes.subarray(start, this.#end);
    this.#start = this.#end;
    this.#end += prefixBytes;
    return unit;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const held = this.#end - this.#start;
    const grown = new Uint8Array(Math.max(slabBytes, 2 * (held + more)));
    if (this.sizeBytes > 0) grown.set(this.#bytes.subarray(this.#start, this.#end));
    this.#bytes = grown;
    this.#start = 0;
    this.#end = held;
  }
}
