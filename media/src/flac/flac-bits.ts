const crc8Table = toCrcTable(8, 0x07);
const crc16Table = toCrcTable(16, 0x8005);

/** Writes most significant bits first into a buffer that grows; made for one FLAC frame. @see RFC 9639 5 */
export class FlacBits {
  #bytes: Uint8Array;
  #length = 0;
  #held = 0;
  #heldBits = 0;

  constructor(capacityBytes: number) {
    this.#bytes = new Uint8Array(capacityBytes);
  }

  /** The low `bits` of `value`, 0 ≤ bits ≤ 24. */
  write(value: number, bits: number): void {
    this.#held = (this.#held << bits) | (value & ((1 << bits) - 1));
    this.#heldBits += bits;
    while (this.#heldBits >= 8) {
      this.#heldBits -= 8;
      this.#push((this.#held >>> this.#heldBits) & 0xff);
    }
    this.#held &= (1 << this.#heldBits) - 1;
  }

  /** So many zeros, then a one. */
  writeUnary(zeros: number): void {
    for (let left = zeros; left > 0; left -= 24) this.write(0, Math.min(24, left));
    this.write(1, 1);
  }

  /** Zero bits up to the next whole byte. */
  align(): void {
    if (this.#heldBits > 0) this.write(0, 8 - this.#heldBits);
  }

  /** CRC-8 of all whole bytes, appended. @see RFC 9639 9.1.8 */
  appendCrc8(): void {
    let crc = 0;
    for (let index = 0; index < this.#length; index++) crc = crc8Table[crc ^ this.#bytes[index]!]!;
    this.write(crc, 8);
  }

  /** CRC-16 of all whole bytes, appended. @see RFC 9639 9.3 */
  appendCrc16(): void {
    let crc = 0;
    for (let index = 0; index < this.#length; index++) {
      crc = ((crc << 8) & 0xffff) ^ crc16Table[(crc >> 8) ^ this.#bytes[index]!]!;
    }
    this.write(crc, 16);
  }

  /** A new array of exactly what was written; call after `align`. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #push(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = byte;
  }
}

function toCrcTable(bits: number, polynomial: number): Uint16Array {
  const top = 1 << (bits - 1);
  const mask = top * 2 - 1;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << (bits - 8);
    for (let bit = 0; bit < 8; bit++) crc = ((crc & top) !== 0 ? (crc << 1) ^ polynomial : crc << 1) & mask;
    return crc;
  });
}
