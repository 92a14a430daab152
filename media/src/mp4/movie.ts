import { type ByteSource, type MovieHead, type TrackHead, parseMovieHead } from '#fmp4';
import { MediaError, type CodedFrame, type TrackDescription, type VideoFrame } from '#frame';
import { parseLengthPrefixed } from '#nal';
import { addFragment } from './fragment-table-reader.ts';
import { parseSampleTable } from './sample-table-reader.ts';
import { type SampleBudget, type SampleTable, SampleTableBuilder, maxSamplesPerMovie } from './sample-table.ts';
import { type TopBox, topBoxes } from './top-boxes.ts';

/** An open MP4 or MOV file: what is in it, and its samples one by one. Holds the tables, not the samples. */
export type Movie = {
  readonly tracks: readonly TrackDescription[];
  /** What was left out, in words: `track 3: tmcd`. */
  readonly ignored: readonly string[];
  /** Per track, in decode order; decode times include the edit list's shift and may be negative. */
  readonly samples: readonly SampleTable[];
  /**
   * One sample as a frame whose bytes are views into what `readAt` gave; `ptsTicks` may be negative before the first
   * shown picture. Throws `MediaError` for a sample whose bytes break their format, `RangeError` for one that is not.
   */
  readSample(track: number, index: number): CodedFrame;
};

const maxMoovBytes = 24 << 20;
const maxSampleBytes = 16 << 20;

/**
 * Opens an MP4 or MOV file, progressive or fragmented: H.264, H.265, AAC, Opus, FLAC, G.711 in QuickTime.
 *
 * Edit lists are honoured as far as cameras and cutters use them: a delay at the front and the media time that is shown
 * first. A file that is cut gives the samples that are whole. Reads `moov` and the `moof` boxes, at most 24 MiB of
 * `moov` and 2^20 samples. Throws `MediaError`.
 *
 * @see ISO/IEC 14496-12, QuickTime File Format
 */
export function openMovie(source: ByteSource): Movie {
  const { tracks: heads, ignored } = readTracks(source);
  const used = heads.filter(({ table }) => table.sampleCount > 0);
  const empty = heads.filter(({ table }) => table.sampleCount === 0);
  return {
    tracks: used.map(({ head }) => head.description),
    ignored: [...ignored, ...empty.map(({ head }) => `track ${head.trackId}: no samples`)],
    samples: used.map(({ table }) => table),
    readSample(track, index) {
      const { head, table } = used[track] ?? {};
      if (head === undefined || table === undefined || !(index >= 0 && index < table.sampleCount)) {
        throw new RangeError(`No sample ${index} in track ${track}`);
      }
      const bytes = readBytes(source, table, index);
      const ptsTicks = table.dtsTicks[index]! + table.compositionTicks[index]!;
      if (head.description.kind === 'video')
        return toVideoFrame(bytes, { track, head, ptsTicks, sync: table.sync[index] === 1 });
      return { kind: 'audio', track, ptsTicks, durationTicks: table.durationTicks[index]!, data: bytes };
    },
  };
}

type OpenTrack = { readonly head: TrackHead; readonly table: SampleTable };

/** Walks the file: `moov` with its tables, then every `moof`. Damage behind `moov` ends the walk and is told. */
function readTracks(source: ByteSource): { tracks: OpenTrack[]; ignored: readonly string[] } {
  const budget: SampleBudget = { left: maxSamplesPerMovie };
  const builders = new Map<number, SampleTableBuilder>();
  const ignored: string[] = [];
  let head: MovieHead | undefined;
  try {
    for (const box of topBoxes(source)) {
      if (box.type === 'moov' && head === undefined) {
        head = readMoov(source, box, { budget, builders });
      } else if (box.type === 'moof' && head?.trackDefaults !== undefined) {
        addFragment(source, box, { builders, trackDefaults: head.trackDefaults });
      }
    }
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason === 'too-large' || head === undefined) throw error;
    ignored.push(`everything from byte ${error.offsetBytes}: ${error.message}`);
  }
  if (head === undefined) throw new MediaError('malformed', 'Expected an MP4 or MOV file: no moov box found');
  const tracks = head.tracks.map((track) => ({ head: track, table: builders.get(track.trackId)!.finish() }));
  for (const track of tracks) shift(track.table, track.head.editShiftTicks);
  return { tracks, ignored: [...head.ignored, ...ignored] };
}

type Tables = { readonly budget: SampleBudget; readonly builders: Map<number, SampleTableBuilder> };

function readMoov(source: ByteSource, box: TopBox, { budget, builders }: Tables): MovieHead {
  const sizeBytes = box.endBytes - box.startBytes;
  if (sizeBytes > maxMoovBytes) throw new MediaError('too-large', `moov of ${sizeBytes} bytes`, box.startBytes);
  const moov = source.readAt(box.startBytes, sizeBytes);
  const head = parseMovieHead(moov);
  for (const track of head.tracks) {
    const builder = new SampleTableBuilder(budget);
    parseSampleTable(moov, track.stbl, { track: track.description, fileSizeBytes: source.sizeBytes, builder });
    builders.set(track.trackId, builder);
  }
  return head;
}

function readBytes(source: ByteSource, table: SampleTable, index: number): Uint8Array {
  const offsetBytes = table.offsetBytes[index]!;
  const sizeBytes = table.sizeBytes[index]!;
  if (sizeBytes > maxSampleBytes) throw new MediaError('too-large', `Sample of ${sizeBytes} bytes`, offsetBytes);
  const bytes = source.readAt(offsetBytes, sizeBytes);
  if (bytes.length < sizeBytes) throw new MediaError('truncated', `Sample of ${sizeBytes} bytes cut off`, offsetBytes);
  return bytes;
}

function shift(table: SampleTable, ticks: number): void {
  if (ticks === 0) return;
  for (let index = 0; index < table.sampleCount; index++) table.dtsTicks[index]! += ticks;
}

type VideoSample = {
  readonly track: number;
  readonly head: TrackHead;
  readonly ptsTicks: number;
  readonly sync: boolean;
};

function toVideoFrame(bytes: Uint8Array, sample: VideoSample): VideoFrame {
  const codec = sample.head.description.codec === 'h265' ? 'h265' : 'h264';
  const nalUnits = parseLengthPrefixed(bytes, sample.head.nalLengthSizeBytes, codec);
  let sizeBytes = 0;
  let key = false;
  let reference = false;
  for (const unit of nalUnits) {
    sizeBytes += unit.sizeBytes;
    if (codec === 'h264') {
      // IDR; or a picture that the file calls a sync sample and that brings an SEI (recovery point): files without
      // `stss` call every picture so
      key ||= unit.type === 5 || (sample.sync && unit.type === 6);
      reference ||= unit.type >= 1 && unit.type <= 5 && (unit.parts[0]![0]! & 0x60) !== 0; // nal_ref_idc
    } else {
      key ||= unit.type >= 16 && unit.type <= 21; // BLA, IDR, CRA
      reference ||= unit.type < 32 && (unit.type > 15 || unit.type % 2 === 1); // not a sub-layer non-reference picture
    }
  }
  return {
    kind: 'video',
    track: sample.track,
    ptsTicks: sample.ptsTicks,
    key,
    reference,
    nalUnits,
    sizeBytes,
    packetsLost: 0,
  };
}
