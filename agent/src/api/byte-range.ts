/** `fromBytes` to `toBytes`, the latter excluded. */
export type ByteRange = { readonly fromBytes: number; readonly toBytes: number };

/**
 * The one range that a `Range` header asks for. Undefined: all of it, also for what is no range of bytes or is several of them, as a server
 * may; `none`: it lies outside. @see RFC 9110 14.1.2
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'none' | undefined {
  const found = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '');
  const [first, last] = [found?.[1] ?? '', found?.[2] ?? ''];
  if (found === null || (first === '' && last === '')) return undefined;
  if (first === '') {
    const wanted = Math.min(Number(last), sizeBytes);
    return wanted === 0 ? 'none' : { fromBytes: sizeBytes - wanted, toBytes: sizeBytes };
  }
  const fromBytes = Number(first);
  if (last !== '' && Number(last) < fromBytes) return undefined;
  if (fromBytes >= sizeBytes) return 'none';
  return { fromBytes, toBytes: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}
