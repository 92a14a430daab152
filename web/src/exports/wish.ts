import type { StreamName } from '@porchlight/contract/camera';

const longestMs = 31 * 86_400_000;

/** What the form holds; times as the browser's fields have them, local. */
export type Wish = {
  readonly cameras: readonly string[];
  readonly streams: readonly StreamName[];
  readonly from: string;
  readonly to: string;
  readonly zip: boolean;
};

/** Local time as a date field wants it: `2026-11-20T14:03:10`. */
export function toField(wallMs: number): string {
  const at = new Date(wallMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** Milliseconds UTC of a date field; undefined when it is empty. */
export function fromField(text: string): number | undefined {
  const wallMs = new Date(text).getTime();
  return Number.isNaN(wallMs) ? undefined : wallMs;
}

/** The form as the address asks for it; the last hour without one. */
export function toFirstWish(search: URLSearchParams, nowMs: number): Wish {
  const time = (name: string, otherwise: number): number => {
    const value = Number(search.get(name) ?? Number.NaN);
    return Number.isSafeInteger(value) && value > 0 ? value : otherwise;
  };
  const toMs = time('to', nowMs);
  return {
    cameras: search.getAll('camera'),
    streams: ['main'],
    from: toField(time('from', toMs - 3_600_000)),
    to: toField(toMs),
    zip: false,
  };
}

/** Why a wish cannot be sent; `strings.exports` has the words. */
export type Fault = 'chooseCamera' | 'chooseTimes' | 'wrongOrder' | 'tooLong' | 'inFuture';

/** What is wrong with it; undefined when it can be exported. */
export function findFault({ cameras, streams, from, to }: Wish, nowMs: number): Fault | undefined {
  const [fromMs, toMs] = [fromField(from), fromField(to)];
  if (cameras.length === 0 || streams.length === 0) return 'chooseCamera';
  if (fromMs === undefined || toMs === undefined) return 'chooseTimes';
  if (toMs <= fromMs) return 'wrongOrder';
  if (toMs - fromMs > longestMs) return 'tooLong';
  return fromMs >= nowMs ? 'inFuture' : undefined;
}
