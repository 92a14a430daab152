import { MediaError } from '#frame';

/** Reads big-endian bits, Exp-Golomb included. Works on RBSP bytes: remove emulation prevention first. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bits read so far. */
  get position(): number {
    return this.#position;
  }

  /** Bits left, trailing bits included. */
  get bitsLeft(): number {
    return this.#bytes.length * 8 - this.#position;
  }

  /** u(n), 0 ≤ n ≤ 32. */
  read(bits: number): number {
    if (bits > this.bitsLeft) throw new MediaError('truncated', `Expected ${bits} more bits`, this.#position >> 3);
    let value = 0;
    for (let left = bits; left > 0;) {
      const inByte = 8 - (this.#position & 7);
      const take = Math.min(left, inByte);
      const byte = this.#bytes[this.#position >> 3]!;
      value = value * 2 ** take + ((byte >> (inByte - take)) & ((1 << take) - 1));
      this.#position += take;
      left -= take;
    }
    return value;
  }

  /** u(1) as a boolean. */
  flag(): boolean {
    return this.read(1) === 1;
  }

  /** Moves on without looking. */
  skip(bits: number): void {
    if (bits > this.bitsLeft) throw new MediaError('truncated', `Expected ${bits} more bits`, this.#position >> 3);
    this.#position += bits;
  }

  /** ue(v), at most 32 leading zeros. @see ITU-T H.264 9.1 */
  readUe(): number {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > 32) throw new MediaError('malformed', 'Exp-Golomb code too long', this.#position >> 3);
    }
    return zeros === 0 ? 0 : 2 ** zeros - 1 + this.read(zeros);
  }

  /** se(v). @see ITU-T H.264 9.1.1 */
  readSe(): number {
    const code = this.readUe();
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2);
  }

  /** more_rbsp_data(): something other than the stop bit and its zeros is left. @see ITU-T H.264 7.2 */
  hasMoreRbspData(): boolean {
    let last = this.#bytes.length - 1;
    while (last >= 0 && this.#bytes[last] === 0) last--;
    if (last < 0) return false;
    const stopBit = last * 8 + 7 - Math.log2(this.#bytes[last]! & -this.#bytes[last]!);
    return this.#position < stopBit;
  }
}
