import type { NalUnit, VideoCodec } from '#frame';
import { findStartCode } from './start-codes.ts';
import { NalSlab } from './nal-slab.ts';
import { nalTypeOf, PrefixedUnit } from './nal-unit.ts';

/**
 * A camera that leaves start codes in its fragmented slices does so from the start. When so many later fragments were
 * clean, later fragments of slices are no longer searched: searching them all costs more than everything else here.
 */
const searchedFragments = 1024;

/**
 * Puts NAL units together from the pieces RTP carries them in: each byte is copied once, and the pieces may be reused.
 * Splits where a camera left Annex B start codes inside (V380 sends SPS, PPS and IDR as one "SPS"; RFC 6184 and 7798
 * know no start codes), also where the start code lies across two fragments; drops trailing zeros.
 */
export class NalAssembly {
  readonly #codec: VideoCodec;
  readonly #deliver: (unit: NalUnit) => void;
  readonly #slab = new NalSlab();
  /** Pieces of the open NAL unit so far. */
  #pieces = 0;
  #open = false;
  /** Zeros at the end of what came so far, up to 2. */
  #zeros = 0;
  /** Start codes have been found. */
  #finds = false;
  #searched = 0;

  constructor(codec: VideoCodec, deliver: (unit: NalUnit) => void) {
    this.#codec = codec;
    this.#deliver = deliver;
  }

  /** A fragmented NAL unit has begun and not ended. */
  get open(): boolean {
    return this.#open;
  }

  /** nal_unit_type of what is open; -1 when nothing is. */
  get openType(): number {
    const header = this.#slab.firstByte;
    return header === undefined ? -1 : nalTypeOf(this.#codec, header);
  }

  /** Bytes of what is open. */
  get sizeBytes(): number {
    return this.#slab.sizeBytes;
  }

  /** One whole NAL unit, or an Annex B byte stream in its place. */
  whole(bytes: Uint8Array): void {
    this.append(bytes);
    this.end();
  }

  /** First fragment of a NAL unit: its header, rebuilt (8 bits in H.264, 16 in H.265). What was open ends. */
  begin(header: number): void {
    this.end();
    this.#open = true;
    this.#pieces = 1;
    if (this.#codec === 'h265') this.#slab.push(header >> 8);
    this.#slab.push(header & 0xff);
  }

  /** The next bytes, but the first `skip` (0 to 4). */
  append(bytes: Uint8Array, skip = 0): void {
    this.#open = true;
    if (!this.#searches()) {
      this.#add(bytes, skip);
      return;
    }
    const piece = skip > 0 ? bytes.subarray(skip) : bytes;
    let rest = this.#zeros > 0 ? this.#splitAcross(piece) : piece;
    let from = 0;
    for (;;) {
      const at = findStartCode(rest, from);
      if (at < 0) break;
      if (!this.#looksLikeHeader(rest[at + 3])) {
        from = at + 3;
        continue;
      }
      this.#finds = true;
      this.#add(rest.subarray(0, at));
      this.end();
      this.#open = true;
      rest = rest.subarray(at + 3);
      from = 0;
    }
    this.#add(rest);
  }

  /** The NAL unit is complete, or no more of it will come. */
  end(): void {
    this.#open = false;
    if (this.#zeros > 0) this.#slab.trimZeros();
    this.#zeros = 0;
    this.#pieces = 0;
    const { firstByte } = this.#slab;
    if (firstByte === undefined) return;
    const { lengthPrefixed, memory } = this.#slab.take();
    this.#deliver(new PrefixedUnit(nalTypeOf(this.#codec, firstByte), lengthPrefixed, memory));
  }

  /** Forgets what is open. */
  drop(): void {
    this.#open = false;
    this.#slab.drop();
    this.#pieces = 0;
    this.#zeros = 0;
  }

  #searches(): boolean {
    if (this.#finds || this.#pieces < 2) return true;
    const type = this.openType;
    if (this.#codec === 'h264' ? type > 5 : type > 31) return true;
    return this.#searched++ < searchedFragments;
  }

  #add(bytes: Uint8Array, skip = 0): void {
    const end = bytes.length;
    if (end <= skip) return;
    this.#slab.append(bytes, skip);
    this.#pieces++;
    if (bytes[end - 1] !== 0) this.#zeros = 0;
    else if (end - skip === 1) this.#zeros = Math.min(2, this.#zeros + 1);
    else this.#zeros = bytes[end - 2] === 0 ? 2 : 1;
  }

  /** A start code may have begun in the last part: ends that NAL unit and returns what follows the code. */
  #splitAcross(bytes: Uint8Array): Uint8Array {
    let at = 0;
    let zeros = this.#zeros;
    while (bytes[at] === 0) {
      at++;
      zeros++;
    }
    if (zeros < 2 || bytes[at] !== 1 || !this.#looksLikeHeader(bytes[at + 1])) return bytes;
    this.#finds = true;
    this.end();
    this.#open = true;
    return bytes.subarray(at + 1);
  }

  /** Encoders that forget emulation prevention exist: a "start code" counts only before something like a NAL unit header. */
  #looksLikeHeader(byte: number | undefined): boolean {
    if (byte === undefined) return true;
    if (byte >= 0x80) return false;
    const type = nalTypeOf(this.#codec, byte);
    return this.#codec === 'h264' ? type >= 1 && type <= 20 : type <= 40;
  }
}
