import { readU32 } from '#bytes';
import { MediaError, type TrackDescription } from '#frame';
import { type Box, childBoxes, findBox, getBox, readBox, readFourCc, readU64 } from './box-reader.ts';
import type { SampleDefaults } from './fragment-reader.ts';
import { parseSampleEntry } from './sample-entry-reader.ts';

/** One `trak` box, understood as far as its tables. */
export type TrackHead = {
  readonly trackId: number;
  readonly description: TrackDescription;
  /** Bytes of the length before each NAL unit; 0 for audio. */
  readonly nalLengthSizeBytes: number;
  /** Ticks to add to media times so that they count from the start of the presentation (`elst`). */
  readonly editShiftTicks: number;
  /** The sample tables, as an offset into the same bytes. */
  readonly stbl: Box;
};

/** A `moov` box, understood. */
export type MovieHead = {
  readonly tracks: readonly TrackHead[];
  /** What was left out, in words: `track 3: tmcd`. */
  readonly ignored: readonly string[];
  /** Out of `mvex`; undefined when the movie has no fragments. */
  readonly trackDefaults: ReadonlyMap<number, SampleDefaults> | undefined;
};

const maxTracks = 64;

/**
 * Reads the `moov` box that `bytes` starts with. Parameter sets and configurations are copied, nothing else of `bytes`
 * is kept. Tracks of other kinds are listed, not refused. Throws `MediaError`. @see ISO/IEC 14496-12 8.2
 */
export function parseMovieHead(bytes: Uint8Array): MovieHead {
  const moov = readBox(bytes, 0, bytes.length);
  if (moov.type !== 'moov') throw new MediaError('malformed', `Expected moov, got ${moov.type}`);
  const movieTimescale = readTimescale(bytes, getBox(bytes, moov, 'mvhd'));
  const tracks: TrackHead[] = [];
  const ignored: string[] = [];
  let trackDefaults: Map<number, SampleDefaults> | undefined;
  for (const box of childBoxes(bytes, moov.bodyBytes, moov.endBytes)) {
    if (box.type === 'trak') {
      if (tracks.length + ignored.length === maxTracks)
        throw new MediaError('too-large', 'Too many tracks', box.startBytes);
      const track = parseTrak(bytes, box, movieTimescale);
      if ('ignored' in track) ignored.push(track.ignored);
      else if (tracks.every((other) => other.trackId !== track.trackId)) tracks.push(track);
      else throw new MediaError('malformed', `track_ID ${track.trackId} comes twice`, box.startBytes);
    } else if (box.type === 'mvex') {
      trackDefaults = parseMvex(bytes, box);
    }
  }
  return { tracks, ignored, trackDefaults };
}

/** The track descriptions of a file that `writeInit` began, index = track_ID − 1. Throws `MediaError`. */
export function parseInit(bytes: Uint8Array): TrackDescription[] {
  for (const box of childBoxes(bytes, 0, bytes.length)) {
    if (box.type !== 'moov') continue;
    const { tracks, ignored } = parseMovieHead(bytes.subarray(box.startBytes, box.endBytes));
    if (ignored[0] !== undefined) throw new MediaError('unsupported', `Cannot read ${ignored[0]}`, box.startBytes);
    if (tracks.some((track, index) => track.trackId !== index + 1)) {
      throw new MediaError('unsupported', 'Expected track_ID 1, 2, …', box.startBytes);
    }
    return tracks.map((track) => track.description);
  }
  throw new MediaError('truncated', 'Expected moov', bytes.length);
}

/** Of `mvhd` and `mdhd`, which begin alike. @see ISO/IEC 14496-12 8.2.2, 8.4.2 */
function readTimescale(bytes: Uint8Array, header: Box): number {
  const timescale = readU32(bytes, header.bodyBytes + (bytes[header.bodyBytes] === 1 ? 20 : 12));
  if (timescale === 0) throw new MediaError('malformed', `Expected a timescale in ${header.type}`, header.startBytes);
  return timescale;
}

/** Track. @see ISO/IEC 14496-12 8.3.1 */
function parseTrak(bytes: Uint8Array, trak: Box, movieTimescale: number): TrackHead | { readonly ignored: string } {
  const tkhd = getBox(bytes, trak, 'tkhd');
  const trackId = readU32(bytes, tkhd.bodyBytes + (bytes[tkhd.bodyBytes] === 1 ? 20 : 12));
  const mdia = getBox(bytes, trak, 'mdia');
  const handler = readFourCc(bytes, getBox(bytes, mdia, 'hdlr').bodyBytes + 8);
  if (handler !== 'vide' && handler !== 'soun')
    return { ignored: `track ${trackId}: ${handler.replace(/[^\x21-\x7e]/g, '?')}` };
  const timescale = readTimescale(bytes, getBox(bytes, mdia, 'mdhd'));
  const stbl = getBox(bytes, getBox(bytes, mdia, 'minf'), 'stbl');
  const entry = parseSampleEntry(bytes, getBox(bytes, stbl, 'stsd'), timescale);
  if ('unsupported' in entry) return { ignored: `track ${trackId}: ${entry.unsupported}` };
  return {
    trackId,
    description: entry.track,
    nalLengthSizeBytes: entry.nalLengthSizeBytes,
    editShiftTicks: parseEditShift(bytes, trak, { timescale, movieTimescale }),
    stbl,
  };
}

/**
 * What the edit list adds to media times: empty edits at the front delay the track, the first other edit says which
 * media time is shown first. Later edits (cuts) are not honoured. @see ISO/IEC 14496-12 8.6.6
 */
function parseEditShift(bytes: Uint8Array, trak: Box, scales: { timescale: number; movieTimescale: number }): number {
  const edts = findBox(bytes, trak, 'edts');
  const elst = edts === undefined ? undefined : findBox(bytes, edts, 'elst');
  if (elst === undefined) return 0;
  const wide = bytes[elst.bodyBytes] === 1;
  const entryBytes = wide ? 20 : 12;
  const count = Math.min(
    readU32(bytes, elst.bodyBytes + 4),
    Math.floor((elst.endBytes - elst.bodyBytes - 8) / entryBytes),
  );
  let shiftTicks = 0;
  for (let index = 0; index < count; index++) {
    const at = elst.bodyBytes + 8 + index * entryBytes;
    const mediaTimeAt = at + (wide ? 8 : 4);
    const empty = readU32(bytes, mediaTimeAt) === 0xffff_ffff; // media_time −1 in either width
    if (!empty) return shiftTicks - (wide ? readU64(bytes, mediaTimeAt) : readU32(bytes, mediaTimeAt));
    const durationInMovie = wide ? readU64(bytes, at) : readU32(bytes, at); // segment_duration
    shiftTicks += Math.round((durationInMovie * scales.timescale) / scales.movieTimescale);
    if (shiftTicks > 2 ** 48) throw new MediaError('too-large', 'Edit list delays the track for years', at);
  }
  return 0;
}

/** Movie extends: defaults per track. @see ISO/IEC 14496-12 8.8.3 */
function parseMvex(bytes: Uint8Array, mvex: Box): Map<number, SampleDefaults> {
  const defaults = new Map<number, SampleDefaults>();
  for (const trex of childBoxes(bytes, mvex.bodyBytes, mvex.endBytes)) {
    if (trex.type !== 'trex' || defaults.size === maxTracks) continue;
    const at = trex.bodyBytes + 4;
    defaults.set(readU32(bytes, at), {
      durationTicks: readU32(bytes, at + 8),
      sizeBytes: readU32(bytes, at + 12),
      flags: readU32(bytes, at + 16),
    });
  }
  return defaults;
}
