import type { FlacBits } from './flac-bits.ts';

/** Largest Rice parameter of the 4-bit kind. @see RFC 9639 9.2.7.1 */
const maxParameter = 14;
const maxPartitionOrder = 6;

/** How a residual is coded: 2^order partitions with a parameter each. */
export type RicePlan = { readonly order: number; readonly parameters: readonly number[]; readonly bits: number };

/** The cheapest partitions for a residual; `predictorOrder` samples of the first partition are warm-up. @see RFC 9639 9.2.7 */
export function planRice(residual: Int32Array, blockSize: number, predictorOrder: number): RicePlan {
  let order = 0;
  while (order < maxPartitionOrder && blockSize % (2 << order) === 0 && blockSize >> (order + 1) > predictorOrder)
    order++;
  let sums = toSums(residual, blockSize >> order, predictorOrder);
  let best = toPlan(sums, blockSize, predictorOrder);
  while (sums.length > 1) {
    sums = sums.filter((_, index) => index % 2 === 0).map((sum, index) => sum + sums[index * 2 + 1]!);
    const plan = toPlan(sums, blockSize, predictorOrder);
    if (plan.bits < best.bits) best = plan;
  }
  return best;
}

/** Coding method, partition order, then each partition's parameter and codes. @see RFC 9639 9.2.7 */
export function writeRice(bits: FlacBits, residual: Int32Array, plan: RicePlan, blockSize: number): void {
  const predictorOrder = blockSize - residual.length;
  const partitionSize = blockSize >> plan.order;
  bits.write(0, 2);
  bits.write(plan.order, 4);
  let at = 0;
  plan.parameters.forEach((parameter, partition) => {
    const end = (partition + 1) * partitionSize - predictorOrder;
    bits.write(parameter, 4);
    for (; at < end; at++) {
      const folded = fold(residual[at]!);
      bits.writeUnary(folded >>> parameter);
      bits.write(folded, parameter);
    }
  });
}

/** 0, -1, 1, -2 … become 0, 1, 2, 3 … */
function fold(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function toSums(residual: Int32Array, partitionSize: number, predictorOrder: number): number[] {
  const sums: number[] = [];
  let at = 0;
  for (let end = partitionSize - predictorOrder; end <= residual.length; end += partitionSize) {
    let sum = 0;
    for (; at < end; at++) sum += fold(residual[at]!);
    sums.push(sum);
  }
  return sums;
}

function toPlan(sums: readonly number[], blockSize: number, predictorOrder: number): RicePlan {
  const order = Math.log2(sums.length);
  const parameters: number[] = [];
  let bits = 6;
  for (let partition = 0; partition < sums.length; partition++) {
    const count = (blockSize >> order) - (partition === 0 ? predictorOrder : 0);
    const parameter = toParameter(sums[partition]!, count);
    parameters.push(parameter);
    bits += 4 + count * (parameter + 1) + sums[partition]! / 2 ** parameter;
  }
  return { order, parameters, bits };
}

/** The parameter near log2 of the mean that costs least. */
function toParameter(sum: number, count: number): number {
  const guess = Math.max(0, Math.min(maxParameter, Math.floor(Math.log2(Math.max(1, sum / Math.max(1, count))))));
  const cost = (parameter: number): number => count * (parameter + 1) + sum / 2 ** parameter;
  return guess > 0 && cost(guess - 1) < cost(guess) ? guess - 1 : guess;
}
