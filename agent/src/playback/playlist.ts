import type { Gop } from './gops.ts';

export type PlaylistOptions = {
  readonly gops: readonly Gop[];
  readonly fromMs: number;
  /** More groups of pictures will follow: no ENDLIST, the player asks again. */
  readonly growing: boolean;
};

/**
 * An HLS media playlist: one entry per group of pictures, one time line per run. EXT-X-MAP and EXT-X-DISCONTINUITY
 * stand only where a run begins or the init section changes; within a run the files of the archive do not show.
 * EXT-X-START puts the player at the time asked for, also where the playlist still grows. @see RFC 8216 4.3
 */
export function writePlaylist({ gops, fromMs, growing }: PlaylistOptions): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  const longestMs = gops.reduce((most, gop) => Math.max(most, toSeconds(gop) * 1000), 1000);
  lines.push(`#EXT-X-TARGETDURATION:${Math.ceil(longestMs / 1000)}`, '#EXT-X-MEDIA-SEQUENCE:0');
  lines.push(`#EXT-X-PLAYLIST-TYPE:${growing ? 'EVENT' : 'VOD'}`);
  const startMs = gops[0]?.startMs ?? fromMs;
  lines.push(`#EXT-X-START:TIME-OFFSET=${(Math.max(0, fromMs - startMs) / 1000).toFixed(3)},PRECISE=YES`);
  let before: Gop | undefined;
  for (const gop of gops) {
    const { segment } = gop;
    const newMap = segment.initHash !== before?.segment.initHash;
    const newLine = newMap || segment.run !== before?.segment.run;
    if (before !== undefined && newLine) lines.push('#EXT-X-DISCONTINUITY');
    if (newLine) lines.push(`#EXT-X-MAP:URI="${segment.initHash}.mp4"`);
    if (newLine || segment !== before?.segment) {
      lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(Math.round(gop.startMs)).toISOString()}`);
    }
    lines.push(`#EXTINF:${toSeconds(gop).toFixed(6)},`, toPartName(gop));
    before = gop;
  }
  if (!growing) lines.push('#EXT-X-ENDLIST');
  return lines.join('\n') + '\n';
}

function toSeconds({ durationTicks, segment }: Gop): number {
  return Math.max(durationTicks, 1) / segment.clockRateHz;
}

/** `{segment}-{offset}-{length}.m4s`: names bytes of one file of the archive and nothing else. */
export function toPartName({ segment, first, end }: Gop): string {
  const offsetBytes = segment.fragments.offsetBytes(first);
  const endBytes = segment.fragments.offsetBytes(end - 1) + segment.fragments.sizeBytes(end - 1);
  return `${segment.id}-${offsetBytes}-${endBytes - offsetBytes}.m4s`;
}

export type PartName =
  | { readonly kind: 'init'; readonly hash: string }
  | {
      readonly kind: 'fragments';
      readonly segment: number;
      readonly offsetBytes: number;
      readonly lengthBytes: number;
    };

/** What a part's name says, or undefined for any other text. */
export function parsePartName(name: string): PartName | undefined {
  const init = /^([0-9a-f]{32})\.mp4$/.exec(name);
  if (init?.[1] !== undefined) return { kind: 'init', hash: init[1] };
  const part = /^(\d{1,15})-(\d{1,15})-(\d{1,10})\.m4s$/.exec(name);
  if (part === null) return undefined;
  const [segment = 0, offsetBytes = 0, lengthBytes = 0] = part.slice(1).map(Number);
  return { kind: 'fragments', segment, offsetBytes, lengthBytes };
}
