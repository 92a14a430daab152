import type { BitReader } from '#bytes';

/** Width to height of one sample. */
export type AspectRatio = { readonly width: number; readonly height: number };

/** @see ITU-T H.264 table E-1, H.265 table E.1 */
const aspectRatios: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

/** Sample aspect ratio of aspect_ratio_idc; undefined where unspecified. */
export function readAspectRatio(bits: BitReader): AspectRatio | undefined {
  const idc = bits.read(8);
  const [width, height] = idc === 255 ? [bits.read(16), bits.read(16)] : (aspectRatios[idc] ?? [0, 0]);
  return width > 0 && height > 0 ? { width, height } : undefined;
}
