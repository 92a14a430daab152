import type { PictureOrder } from '#nal';
import type { H265SliceHeader } from './slice-header.ts';
import type { H265Sps } from './sps.ts';

/**
 * Picture order counts of the pictures of a stream, in decode order. Leading pictures of a CRA at the start (RASL) have
 * lower counts than the CRA and stand before it.
 * @see ITU-T H.265 8.3.1
 */
export class H265PictureOrder {
  #period = -1;
  #msb = 0;
  #lsb = 0;
  #restarts = true;

  /** An end of sequence: the next CRA starts counting anew. */
  restart(): void {
    this.#restarts = true;
  }

  /** Order of the picture that this slice segment begins. */
  next(header: H265SliceHeader, sps: H265Sps): PictureOrder {
    const { nalType, pocLsb } = header;
    const isCra = nalType === 21;
    const starts = nalType >= 16 && nalType <= 20 ? true : isCra && this.#restarts;
    if (starts) this.#restarts = false;
    if (starts || this.#period < 0) this.#period++;
    const range = 2 ** sps.pocLsbBits;
    let msb = this.#msb;
    if (starts) msb = 0;
    else if (pocLsb < this.#lsb && this.#lsb - pocLsb >= range / 2) msb += range;
    else if (pocLsb > this.#lsb && pocLsb - this.#lsb > range / 2) msb -= range;
    // RADL, RASL and sub-layer non-reference pictures do not carry the count on (prevTid0Pic).
    const isLeading = nalType >= 6 && nalType <= 9;
    const isNonReference = nalType < 16 && nalType % 2 === 0;
    if (starts || (header.temporalId === 0 && !isLeading && !isNonReference)) {
      this.#msb = msb;
      this.#lsb = pocLsb;
    }
    return { period: this.#period, count: msb + pocLsb };
  }
}
