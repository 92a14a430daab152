import { readU32 } from '#bytes';
import { MediaError } from '#frame';
import { readBox, readFourCc, readU64 } from './box-reader.ts';
import { parseMovieFragment } from './fragment-reader.ts';

/** A file (or anything with offsets) that is read synchronously; fewer bytes come back only at its end. */
export type ByteSource = {
  readonly sizeBytes: number;
  readAt(offsetBytes: number, lengthBytes: number): Uint8Array;
};

/** What one track has in one fragment. */
export type FragmentTrackInfo = {
  readonly trackId: number;
  readonly baseDecodeTicks: number;
  readonly durationTicks: number;
  /** Where the sample that is shown last ends; behind the decode times while B pictures are still to come. */
  readonly shownEndTicks: number;
  readonly sampleCount: number;
  /** The first sample is a key frame. */
  readonly key: boolean;
};

/** A fragment that is in the file with every byte: `moof` and its `mdat`. */
export type FragmentInfo = {
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly moofSizeBytes: number;
  readonly sequenceNumber: number;
  readonly tracks: readonly FragmentTrackInfo[];
};

/** What is whole in a file of fragments. */
export type FragmentScan = {
  /** Length of `ftyp moov`; 0 when the file ends before them (then there are no fragments). */
  readonly initSizeBytes: number;
  readonly fragments: readonly FragmentInfo[];
  /** Where the last whole fragment ends (the init section, when there is none): cut here to repair. */
  readonly wholeBytes: number;
  /** Why the scan ended: at the end of the file, in a box that is cut, or at bytes that are no fragment. */
  readonly stoppedAt: 'end' | 'truncated' | 'malformed';
};

const readAheadBytes = 4096;
const maxMoovBytes = 1 << 20;
const maxMoofBytes = 4 << 20;
const maxFragments = 100_000;

/**
 * Finds all whole fragments of a file written by this room, reading box headers and `moof` boxes only.
 *
 * This is the crash-recovery primitive: whatever the tail holds (half a box, zeros, garbage), it never throws for it;
 * everything before is given and `wholeBytes` says where it ends. Only errors of `readAt` pass through, and
 * `MediaError` `too-large` for more than 100,000 fragments.
 */
export function scanFragments(source: ByteSource): FragmentScan {
  const fragments: FragmentInfo[] = [];
  let initSizeBytes = 0;
  let offset = 0;
  let wholeBytes = 0;
  const stop = (stoppedAt: FragmentScan['stoppedAt']): FragmentScan => ({
    initSizeBytes,
    fragments,
    wholeBytes,
    stoppedAt,
  });
  while (offset < source.sizeBytes) {
    const found = readTopBox(source, offset);
    if (typeof found === 'string') return stop(found);
    if (found.type === 'moof') {
      if (initSizeBytes === 0) return stop('malformed');
      const fragment = readFragment(source, found);
      if (typeof fragment === 'string') return stop(fragment);
      if (fragments.length === maxFragments) throw new MediaError('too-large', 'Too many fragments', offset);
      fragments.push(fragment);
      wholeBytes = fragment.offsetBytes + fragment.sizeBytes;
    } else if (found.type === 'moov') {
      if (initSizeBytes !== 0 || found.endBytes - found.startBytes > maxMoovBytes) return stop('malformed');
      initSizeBytes = found.endBytes;
      wholeBytes = found.endBytes;
    } else if (!neutralTypes.has(found.type) || (offset === 0 && found.type !== 'ftyp')) {
      return stop('malformed');
    }
    offset = found.type === 'moof' ? wholeBytes : found.endBytes;
  }
  return stop('end');
}

/** Boxes that may stand between fragments and change nothing. */
const neutralTypes = new Set(['ftyp', 'styp', 'sidx', 'emsg', 'prft', 'free', 'skip', 'uuid', 'mfra']);

type TopBox = {
  readonly type: string;
  readonly startBytes: number;
  readonly endBytes: number;
  readonly ahead: Uint8Array;
};

/** The header at `offset`, with up to 4 KiB read ahead: enough for a usual `moof` and the header of its `mdat`. */
function readTopBox(source: ByteSource, offset: number): TopBox | 'truncated' | 'malformed' {
  const ahead = source.readAt(offset, Math.min(readAheadBytes, source.sizeBytes - offset));
  if (ahead.length < 8) return 'truncated';
  const size32 = readU32(ahead, 0);
  const type = readFourCc(ahead, 4);
  if (size32 === 1 && ahead.length < 16) return 'truncated';
  if (size32 === 0 || (size32 > 1 && size32 < 8)) return 'malformed';
  try {
    const sizeBytes = size32 === 1 ? readU64(ahead, 8) : size32;
    if (sizeBytes < 8) return 'malformed';
    if (offset + sizeBytes > source.sizeBytes) return knownTypes.has(type) ? 'truncated' : 'malformed';
    return { type, startBytes: offset, endBytes: offset + sizeBytes, ahead };
  } catch (error) {
    if (error instanceof MediaError) return 'malformed';
    throw error;
  }
}

const knownTypes = new Set([...neutralTypes, 'moov', 'moof', 'mdat']);

/** The fragment whose `moof` is given, if its `mdat` is whole and holds every sample. */
function readFragment(source: ByteSource, moof: TopBox): FragmentInfo | 'truncated' | 'malformed' {
  const moofSizeBytes = moof.endBytes - moof.startBytes;
  if (moofSizeBytes > maxMoofBytes) return 'malformed';
  const mdat = readTopBox(source, moof.endBytes);
  if (typeof mdat === 'string') return mdat;
  if (mdat.type !== 'mdat') return 'malformed';
  try {
    const bytes = moofSizeBytes <= moof.ahead.length ? moof.ahead : source.readAt(moof.startBytes, moofSizeBytes);
    const box = readBox(bytes, 0, bytes.length);
    const { sequenceNumber, tracks } = parseMovieFragment(bytes.subarray(0, box.endBytes), moof.startBytes);
    const infos: FragmentTrackInfo[] = [];
    for (const track of tracks) {
      const baseDecodeTicks = track.baseDecodeTicks ?? 0;
      let durationTicks = 0;
      let shownEndTicks = baseDecodeTicks;
      for (const sample of track.samples) {
        const shownTicks = baseDecodeTicks + durationTicks + sample.compositionOffsetTicks;
        shownEndTicks = Math.max(shownEndTicks, shownTicks + sample.durationTicks);
        durationTicks += sample.durationTicks;
        if (sample.offsetBytes < moof.endBytes || sample.offsetBytes + sample.sizeBytes > mdat.endBytes)
          return 'malformed';
      }
      infos.push({
        trackId: track.trackId,
        baseDecodeTicks,
        durationTicks,
        shownEndTicks,
        sampleCount: track.samples.length,
        key: track.samples[0]?.key ?? false,
      });
    }
    const sizeBytes = mdat.endBytes - moof.startBytes;
    return { offsetBytes: moof.startBytes, sizeBytes, moofSizeBytes, sequenceNumber, tracks: infos };
  } catch (error) {
    if (error instanceof MediaError) return 'malformed';
    throw error;
  }
}
