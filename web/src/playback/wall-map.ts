/**
 * Media time of a player against wall time, from the PROGRAM-DATE-TIME of an HLS playlist's parts.
 * Inside a part time runs evenly; between parts it jumps where nothing is recorded. Pure.
 */
export type MappedPart = { readonly startSeconds: number; readonly durationSeconds: number; readonly wallMs: number };

export type WallMap = {
  readonly parts: readonly MappedPart[];
  /** Wall time of a media time; the nearest end outside the playlist. */
  toWallMs(mediaSeconds: number): number | undefined;
  /** Media time of a wall time; inside a hole the start of what follows; undefined outside the playlist. */
  toMediaSeconds(wallMs: number): number | undefined;
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
};

export function openWallMap(parts: readonly MappedPart[]): WallMap {
  const last = parts.at(-1);
  const endOf = (part: MappedPart): number => part.wallMs + part.durationSeconds * 1000;
  return {
    parts,
    fromMs: parts[0]?.wallMs,
    toMs: last && endOf(last),
    toWallMs(mediaSeconds) {
      const part = findLast(parts, ({ startSeconds }) => startSeconds <= mediaSeconds) ?? parts[0];
      if (!part) return undefined;
      const inside = Math.min(Math.max(0, mediaSeconds - part.startSeconds), part.durationSeconds);
      return Math.round(part.wallMs + inside * 1000);
    },
    toMediaSeconds(wallMs) {
      const first = parts[0];
      if (!first || !last || wallMs < first.wallMs || wallMs > endOf(last)) return undefined;
      const part = findLast(parts, (each) => each.wallMs <= wallMs) ?? first;
      const inside = (wallMs - part.wallMs) / 1000;
      if (inside <= part.durationSeconds) return part.startSeconds + inside;
      return parts[parts.indexOf(part) + 1]?.startSeconds ?? part.startSeconds + part.durationSeconds;
    },
  };
}

/** Binary search: the last part for which `holds`; parts are in order of both times. */
function findLast(parts: readonly MappedPart[], holds: (part: MappedPart) => boolean): MappedPart | undefined {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const part = parts[middle];
    if (part && holds(part)) low = middle + 1;
    else high = middle;
  }
  return parts[low - 1];
}
