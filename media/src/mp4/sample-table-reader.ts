import { readU32 } from '#bytes';
import { type Box, findBox, getBox, readU64 } from '#fmp4';
import { MediaError, type TrackDescription } from '#frame';
import type { SampleTableBuilder } from './sample-table.ts';

/** A box that is a list: where its entries start and how many there really are, whatever its count says. */
type Entries = { readonly firstBytes: number; readonly count: number };

/** Entries of `entryBytes` behind `countAt` (from the body's start). A count that the box cannot hold is refused. */
function readEntries(bytes: Uint8Array, box: Box, layout: { countAt: number; entryBytes: number }): Entries {
  const count = readU32(bytes, box.bodyBytes + layout.countAt);
  const firstBytes = box.bodyBytes + layout.countAt + 4;
  if (firstBytes + count * layout.entryBytes > box.endBytes) {
    throw new MediaError('malformed', `Expected ${count} entries in ${box.type}`, box.startBytes);
  }
  return { firstBytes, count };
}

/** Walks a list of (sample count, value) pairs, one sample at a time. */
class RunCursor {
  readonly #bytes: Uint8Array;
  readonly #entries: Entries;
  #entry = 0;
  #left = 0;
  #value = 0;

  constructor(bytes: Uint8Array, entries: Entries) {
    this.#bytes = bytes;
    this.#entries = entries;
  }

  /** The value for the next sample; behind the last run its value goes on. */
  next(): number {
    while (this.#left === 0 && this.#entry < this.#entries.count) {
      const at = this.#entries.firstBytes + this.#entry++ * 8;
      this.#left = readU32(this.#bytes, at);
      this.#value = readU32(this.#bytes, at + 4);
    }
    if (this.#left > 0) this.#left--;
    return this.#value;
  }
}

/** What the tables must know beside their own bytes. */
export type TableContext = {
  readonly track: TrackDescription;
  /** Size of the file: samples that lie behind it (a copy cut short) are left out. */
  readonly fileSizeBytes: number;
  readonly builder: SampleTableBuilder;
};

/**
 * Adds the samples that a track's `stbl` (within the bytes of `moov`) lists. G.711, which QuickTime lists as one sample
 * per value, comes out in pieces of 20 ms. Throws `MediaError`. @see ISO/IEC 14496-12 8.5 to 8.7
 */
export function parseSampleTable(bytes: Uint8Array, stbl: Box, context: TableContext): void {
  const stsz = readStsz(bytes, stbl);
  const chunks = readChunks(bytes, stbl);
  const durations = new RunCursor(
    bytes,
    readEntries(bytes, getBox(bytes, stbl, 'stts'), { countAt: 4, entryBytes: 8 }),
  );
  const { builder, track } = context;
  if (
    track.kind === 'audio' &&
    (track.codec === 'pcmu' || track.codec === 'pcma') &&
    isPerValue(stsz, track.channels)
  ) {
    addValues(builder, {
      chunks,
      stsz,
      context,
      durationTicks: durations.next(),
      channels: track.channels,
      sampleRateHz: track.sampleRateHz,
    });
    return;
  }
  const ctts = findBox(bytes, stbl, 'ctts');
  const compositions =
    ctts === undefined ? undefined : new RunCursor(bytes, readEntries(bytes, ctts, { countAt: 4, entryBytes: 8 }));
  const isSync = readSync(bytes, stbl);
  let dtsTicks = 0;
  let index = 0;
  for (const chunk of chunks) {
    let offsetBytes = chunk.offsetBytes;
    for (let inChunk = 0; inChunk < chunk.samples && index < stsz.count; inChunk++, index++) {
      const sizeBytes = stsz.uniformBytes || readU32(bytes, stsz.firstBytes + index * 4);
      const durationTicks = durations.next();
      const compositionTicks = (compositions?.next() ?? 0) | 0; // signed in version 1, and in practice in version 0
      const sync = isSync(index + 1);
      if (offsetBytes + sizeBytes > context.fileSizeBytes) return;
      builder.add({ offsetBytes, sizeBytes, dtsTicks, durationTicks, compositionTicks, sync });
      offsetBytes += sizeBytes;
      dtsTicks += durationTicks;
    }
  }
}

type SampleSizes = { readonly uniformBytes: number; readonly firstBytes: number; readonly count: number };

/** Sample sizes: one for all, or a list. @see ISO/IEC 14496-12 8.7.3.2 */
function readStsz(bytes: Uint8Array, stbl: Box): SampleSizes {
  const stsz = getBox(bytes, stbl, 'stsz');
  const uniformBytes = readU32(bytes, stsz.bodyBytes + 4);
  if (uniformBytes !== 0) return { uniformBytes, firstBytes: 0, count: readU32(bytes, stsz.bodyBytes + 8) };
  return { uniformBytes, ...readEntries(bytes, stsz, { countAt: 8, entryBytes: 4 }) };
}

type Chunk = { readonly offsetBytes: number; readonly samples: number };

/** Chunks with their offsets and sample counts, `stco`/`co64` joined with `stsc`. @see ISO/IEC 14496-12 8.7.4, 8.7.5 */
function* readChunks(bytes: Uint8Array, stbl: Box): Generator<Chunk, void, undefined> {
  const stsc = readEntries(bytes, getBox(bytes, stbl, 'stsc'), { countAt: 4, entryBytes: 12 });
  const stco = findBox(bytes, stbl, 'stco');
  const offsets = readEntries(bytes, stco ?? getBox(bytes, stbl, 'co64'), { countAt: 4, entryBytes: stco ? 4 : 8 });
  let entry = -1;
  let samples = 0;
  for (let chunk = 1; chunk <= offsets.count; chunk++) {
    // first_chunk of the next entry says where it takes over
    while (entry + 1 < stsc.count && readU32(bytes, stsc.firstBytes + (entry + 1) * 12) <= chunk) {
      samples = readU32(bytes, stsc.firstBytes + ++entry * 12 + 4); // samples_per_chunk
    }
    const at = offsets.firstBytes + (chunk - 1) * (stco ? 4 : 8);
    yield { offsetBytes: stco ? readU32(bytes, at) : readU64(bytes, at), samples };
  }
}

/** Asked with growing sample numbers. Without `stss` every sample is a sync sample. @see ISO/IEC 14496-12 8.6.2 */
function readSync(bytes: Uint8Array, stbl: Box): (sampleNumber: number) => boolean {
  const stss = findBox(bytes, stbl, 'stss');
  if (stss === undefined) return () => true;
  const { firstBytes, count } = readEntries(bytes, stss, { countAt: 4, entryBytes: 4 });
  let entry = 0;
  return (sampleNumber) => {
    while (entry < count && readU32(bytes, firstBytes + entry * 4) < sampleNumber) entry++;
    return entry < count && readU32(bytes, firstBytes + entry * 4) === sampleNumber;
  };
}

/** QuickTime counts each value (of one channel, or of all) as a sample. */
function isPerValue(stsz: SampleSizes, channels: number): boolean {
  return stsz.uniformBytes === 1 || stsz.uniformBytes === channels;
}

type Values = {
  readonly chunks: Iterable<Chunk>;
  readonly stsz: SampleSizes;
  readonly context: TableContext;
  /** Of one value. */
  readonly durationTicks: number;
  readonly channels: number;
  readonly sampleRateHz: number;
};

/** Cuts the values of each chunk into pieces of 20 ms. */
function addValues(builder: SampleTableBuilder, values: Values): void {
  const { context, stsz, durationTicks, channels } = values;
  const perPiece = Math.max(1, Math.round(values.sampleRateHz / 50));
  let index = 0;
  for (const chunk of values.chunks) {
    let { offsetBytes } = chunk;
    for (let left = Math.min(chunk.samples, stsz.count - index); left > 0;) {
      const count = Math.min(left, perPiece);
      const sizeBytes = count * channels;
      if (offsetBytes + sizeBytes > context.fileSizeBytes) return;
      const dtsTicks = index * durationTicks;
      builder.add({
        offsetBytes,
        sizeBytes,
        dtsTicks,
        durationTicks: count * durationTicks,
        compositionTicks: 0,
        sync: true,
      });
      offsetBytes += sizeBytes;
      index += count;
      left -= count;
    }
  }
}
