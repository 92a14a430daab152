import type { PictureOrder } from '#nal';
import type { H264SliceHeader } from './slice-header.ts';
import type { H264Sps } from './sps.ts';

/**
 * Picture order counts of the pictures (or fields) of a stream, in decode order.
 * @see ITU-T H.264 8.2.1
 */
export class H264PictureOrder {
  #period = -1;
  #msb = 0;
  #lsb = 0;
  #frameNum = 0;
  #frameNumOffset = 0;

  /** Order of the picture that this slice begins. */
  next(header: H264SliceHeader, sps: H264Sps): PictureOrder {
    const isIdr = header.nalType === 5;
    if (isIdr) this.#reset();
    if (isIdr || this.#period < 0) this.#period++;
    const [top, bottom] = this.#fieldCounts(header, sps);
    if (header.resetsOrder) {
      this.#reset();
      this.#period++;
      // What follows counts from this picture: tempPicOrderCnt (8.2.1) is taken off.
      if (header.field !== 'bottom') this.#lsb = header.field === 'frame' ? top - Math.min(top, bottom) : 0;
      return { period: this.#period, count: 0 };
    }
    const count = header.field === 'top' ? top : header.field === 'bottom' ? bottom : Math.min(top, bottom);
    return { period: this.#period, count };
  }

  #reset(): void {
    this.#msb = 0;
    this.#lsb = 0;
    this.#frameNum = 0;
    this.#frameNumOffset = 0;
  }

  #fieldCounts(header: H264SliceHeader, sps: H264Sps): [number, number] {
    if (sps.pocType === 0) return this.#countByLsb(header, sps);
    if (header.frameNum < this.#frameNum) this.#frameNumOffset += 2 ** sps.frameNumBits;
    this.#frameNum = header.frameNum;
    const frames = this.#frameNumOffset + header.frameNum;
    if (sps.pocType === 1) return countByCycle(header, sps, frames);
    const count = header.nalType === 5 ? 0 : 2 * frames - (header.refIdc === 0 ? 1 : 0);
    return [count, count];
  }

  /** @see ITU-T H.264 8.2.1.1 */
  #countByLsb(header: H264SliceHeader, sps: H264Sps): [number, number] {
    const range = 2 ** sps.pocLsbBits;
    let msb = this.#msb;
    if (header.pocLsb < this.#lsb && this.#lsb - header.pocLsb >= range / 2) msb += range;
    else if (header.pocLsb > this.#lsb && header.pocLsb - this.#lsb > range / 2) msb -= range;
    if (header.refIdc > 0) {
      this.#msb = msb;
      this.#lsb = header.pocLsb;
    }
    const count = msb + header.pocLsb;
    return [count, count + (header.field === 'frame' ? header.deltaPocBottom : 0)];
  }
}

/** @see ITU-T H.264 8.2.1.2 */
function countByCycle(header: H264SliceHeader, sps: H264Sps, frames: number): [number, number] {
  const offsets = sps.offsetsForRefFrame;
  let absolute = offsets.length === 0 ? 0 : frames;
  if (header.refIdc === 0 && absolute > 0) absolute--;
  let expected = 0;
  if (absolute > 0) {
    const cycles = Math.floor((absolute - 1) / offsets.length);
    const inCycle = (absolute - 1) % offsets.length;
    expected = cycles * offsets.reduce((sum, offset) => sum + offset, 0);
    for (let index = 0; index <= inCycle; index++) expected += offsets[index]!;
  }
  if (header.refIdc === 0) expected += sps.offsetForNonRefPic;
  const top = expected + header.deltaPoc[0];
  if (header.field === 'bottom') return [top, top + sps.offsetForTopToBottomField];
  return [top, top + sps.offsetForTopToBottomField + header.deltaPoc[1]];
}
