import type { NalUnit } from '#frame';

/** Reads a NAL unit's bytes in order, wherever its parts begin and end. */
export class PartReader {
  readonly #parts: readonly Uint8Array[];
  #part = 0;
  #offset = 0;

  constructor(unit: NalUnit) {
    this.#parts = unit.parts;
  }

  /** Copies the next `count` bytes to `target` from `at` on. The caller knows that they are there. */
  copyTo(target: Uint8Array, at: number, count: number): void {
    for (let left = count; left > 0;) {
      const part = this.#parts[this.#part]!;
      const take = Math.min(left, part.length - this.#offset);
      target.set(part.subarray(this.#offset, this.#offset + take), at + count - left);
      left -= take;
      this.#offset += take;
      if (this.#offset === part.length) {
        this.#part++;
        this.#offset = 0;
      }
    }
  }
}
