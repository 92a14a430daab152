import { BytesWriter } from '#bytes';
import { FlacBits } from './flac-bits.ts';
import { planRice, writeRice, type RicePlan } from './rice.ts';

const sampleBits = 16;
const maxFixedOrder = 4;
const rateCodes: Readonly<Record<number, number>> = {
  8000: 4,
  16000: 5,
  22050: 6,
  24000: 7,
  32000: 8,
  44100: 9,
  48000: 10,
};

/** STREAMINFO of 16-bit sound whose end is not known: 34 bytes. @see RFC 9639 8.2 */
export function writeStreamInfo(options: {
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly maxBlockSamples: number;
}): Uint8Array {
  const { sampleRateHz, channels, maxBlockSamples } = options;
  const writer = new BytesWriter(34);
  writer.u16(16).u16(maxBlockSamples); // minimum and maximum block size
  writer.u24(0).u24(0); // minimum and maximum frame size: unknown
  writer.u32(((sampleRateHz << 12) | ((channels - 1) << 9) | ((sampleBits - 1) << 4)) >>> 0); // and 4 bits of total samples
  writer.u32(0); // total samples: unknown
  return writer.bytes(new Uint8Array(16)).finish(); // MD5: unknown
}

/**
 * One frame of 16-bit sound: fixed predictors of order 0 to 4, Rice partitions; constant and verbatim where they are smaller.
 * `channels` hold the same number of samples, 1 to 65535. `firstSample` is the number of the frame's first sample.
 * @see RFC 9639 9
 */
export function writeFlacFrame(
  channels: readonly Int16Array[],
  options: { readonly sampleRateHz: number; readonly firstSample: number },
): Uint8Array {
  const blockSize = channels[0]!.length;
  const bits = new FlacBits(32 + channels.length * (blockSize * 2 + 8));
  writeFrameHeader(bits, blockSize, channels.length, options);
  bits.appendCrc8();
  for (const samples of channels) writeSubframe(bits, samples);
  bits.align();
  bits.appendCrc16();
  return bits.finish();
}

/** @see RFC 9639 9.1 */
function writeFrameHeader(
  bits: FlacBits,
  blockSize: number,
  channels: number,
  options: { readonly sampleRateHz: number; readonly firstSample: number },
): void {
  const power = Math.log2(blockSize);
  const whole = Number.isInteger(power) && power >= 8 && power <= 15;
  const sizeCode = whole ? power : blockSize <= 256 ? 6 : 7;
  bits.write(0xfff9, 16); // sync code, variable block size
  bits.write(sizeCode, 4);
  bits.write(rateCodes[options.sampleRateHz] ?? 0, 4);
  bits.write(channels - 1, 4);
  bits.write(4, 3); // 16 bits per sample
  bits.write(0, 1); // reserved
  writeCodedNumber(bits, options.firstSample);
  if (sizeCode === 6) bits.write(blockSize - 1, 8);
  if (sizeCode === 7) bits.write(blockSize - 1, 16);
}

/** 36 bits at most, coded like UTF-8. @see RFC 9639 9.1.5 */
function writeCodedNumber(bits: FlacBits, number: number): void {
  const value = number % 2 ** 36;
  if (value < 0x80) {
    bits.write(value, 8);
    return;
  }
  let tail = 1;
  while (tail < 6 && value >= 2 ** (tail * 6 + 6 - tail)) tail++;
  bits.write((0xff00 >> (tail + 1)) | Math.floor(value / 64 ** tail), 8);
  for (let index = tail - 1; index >= 0; index--) bits.write(0x80 | (Math.floor(value / 64 ** index) & 0x3f), 8);
}

/** @see RFC 9639 9.2 */
function writeSubframe(bits: FlacBits, samples: Int16Array): void {
  let all = 0;
  let constant = true;
  for (const sample of samples) {
    all |= sample;
    if (sample !== samples[0]) constant = false;
  }
  if (constant) {
    bits.write(0, 8);
    bits.write(samples[0]!, sampleBits);
    return;
  }
  const wasted = 31 - Math.clz32(all & -all);
  const shifted = Int32Array.from(samples, (sample) => sample >> wasted);
  const order = findFixedOrder(shifted);
  const residual = toResidual(shifted, order);
  const plan = planRice(residual, samples.length, order);
  const width = sampleBits - wasted;
  if (order * width + plan.bits >= samples.length * width) {
    writeSubframeHeader(bits, 1, wasted);
    for (const sample of shifted) bits.write(sample, width);
    return;
  }
  writeFixed(bits, shifted, { order, residual, plan, width });
}

function writeFixed(
  bits: FlacBits,
  samples: Int32Array,
  fixed: { order: number; residual: Int32Array; plan: RicePlan; width: number },
): void {
  writeSubframeHeader(bits, 8 | fixed.order, sampleBits - fixed.width);
  for (let index = 0; index < fixed.order; index++) bits.write(samples[index]!, fixed.width);
  writeRice(bits, fixed.residual, fixed.plan, samples.length);
}

function writeSubframeHeader(bits: FlacBits, type: number, wasted: number): void {
  bits.write((type << 1) | (wasted > 0 ? 1 : 0), 8);
  if (wasted > 0) bits.writeUnary(wasted - 1);
}

/** The order whose residuals are smallest in sum; one pass over all orders. */
function findFixedOrder(samples: Int32Array): number {
  const sums = [0, 0, 0, 0, 0];
  let [before0, before1, before2, before3] = [0, 0, 0, 0];
  for (let index = 0; index < samples.length; index++) {
    const error0 = samples[index]!;
    const error1 = error0 - before0;
    const error2 = error1 - before1;
    const error3 = error2 - before2;
    const error4 = error3 - before3;
    before0 = error0;
    before1 = error1;
    before2 = error2;
    before3 = error3;
    if (index < maxFixedOrder) continue;
    sums[0]! += Math.abs(error0);
    sums[1]! += Math.abs(error1);
    sums[2]! += Math.abs(error2);
    sums[3]! += Math.abs(error3);
    sums[4]! += Math.abs(error4);
  }
  const usable = samples.length > maxFixedOrder ? sums : sums.slice(0, 1);
  return usable.indexOf(Math.min(...usable));
}

/** Differences of the given order, without the warm-up samples. @see RFC 9639 9.2.5 */
function toResidual(samples: Int32Array, order: number): Int32Array {
  const differences = samples.slice();
  for (let round = 1; round <= order; round++) {
    for (let index = differences.length - 1; index >= round; index--) differences[index]! -= differences[index - 1]!;
  }
  return differences.subarray(order);
}
