/** Waiting time before the next try: doubles from `firstMs` to `mostMs`, ±20 % so that many pages do not come at once. */
export function toBackoffMs(tries: number, options: { firstMs: number; mostMs: number; random: number }): number {
  const plain = Math.min(options.mostMs, options.firstMs * 2 ** Math.min(tries, 16));
  return Math.round(plain * (0.8 + 0.4 * options.random));
}
