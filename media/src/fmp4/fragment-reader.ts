import { readU24, readU32 } from '#bytes';
import { MediaError } from '#frame';
import { type Box, childBoxes, findBox, getBox, readBox, readU64 } from './box-reader.ts';
import type { FragmentSample } from './fragment-writer.ts';

/** What `trex` says for samples whose fragment leaves it out. @see ISO/IEC 14496-12 8.8.3 */
export type SampleDefaults = { readonly durationTicks: number; readonly sizeBytes: number; readonly flags: number };

/** A sample as its run tells it, and where its bytes are. */
export type PlacedSample = FragmentSample & { readonly offsetBytes: number };

/** One track's part of a movie fragment. */
export type TrackFragment = {
  readonly trackId: number;
  /** Undefined without `tfdt` (early fragmented files): it goes on where the track's last fragment ended. */
  readonly baseDecodeTicks: number | undefined;
  readonly samples: readonly PlacedSample[];
};

/** A `moof` box, understood. */
export type MovieFragment = { readonly sequenceNumber: number; readonly tracks: readonly TrackFragment[] };

/** More samples than any program writes into one fragment; keeps hostile counts from costing memory or time. */
const maxSamplesPerFragment = 131_072;

/**
 * Reads the `moof` that `bytes` starts with and that lies at `fileOffsetBytes` of its file: sample offsets come out as
 * file offsets. Bytes behind the `moof` are not looked at. Throws `MediaError`. @see ISO/IEC 14496-12 8.8
 */
export function parseMovieFragment(
  bytes: Uint8Array,
  fileOffsetBytes = 0,
  trackDefaults?: ReadonlyMap<number, SampleDefaults>,
): MovieFragment {
  const moof = readBox(bytes, 0, bytes.length);
  if (moof.type !== 'moof') throw new MediaError('malformed', `Expected moof, got ${moof.type}`);
  const sequenceNumber = readU32(bytes, getBox(bytes, moof, 'mfhd').bodyBytes + 4);
  const tracks: TrackFragment[] = [];
  const cursor: Cursor = {
    moofBytes: fileOffsetBytes,
    nextDataBytes: fileOffsetBytes,
    samplesLeft: maxSamplesPerFragment,
  };
  for (const traf of childBoxes(bytes, moof.bodyBytes, moof.endBytes)) {
    if (traf.type === 'traf') tracks.push(parseTraf(bytes, traf, { cursor, trackDefaults }));
  }
  return { sequenceNumber, tracks };
}

/** How far the data and the allowance of samples have been used up. */
type Cursor = { readonly moofBytes: number; nextDataBytes: number; samplesLeft: number };

/** Track fragment. @see ISO/IEC 14496-12 8.8.6 */
function parseTraf(
  bytes: Uint8Array,
  traf: Box,
  context: { cursor: Cursor; trackDefaults: ReadonlyMap<number, SampleDefaults> | undefined },
): TrackFragment {
  const { cursor, trackDefaults } = context;
  const header = parseTfhd(bytes, getBox(bytes, traf, 'tfhd'), trackDefaults);
  const baseBytes = header.baseDataBytes ?? (header.baseIsMoof ? cursor.moofBytes : cursor.nextDataBytes);
  cursor.nextDataBytes = baseBytes;
  const samples: PlacedSample[] = [];
  let baseDecodeTicks: number | undefined;
  for (const box of childBoxes(bytes, traf.bodyBytes, traf.endBytes)) {
    if (box.type === 'trun') parseTrun(bytes, box, { cursor, baseBytes, defaults: header.defaults, samples });
    else if (box.type === 'tfdt') baseDecodeTicks = parseTfdt(bytes, box);
  }
  return { trackId: header.trackId, baseDecodeTicks, samples };
}

function readFlags(bytes: Uint8Array, fullBox: Box): number {
  return readU24(bytes, fullBox.bodyBytes + 1);
}

/** Track fragment header. @see ISO/IEC 14496-12 8.8.7 */
function parseTfhd(
  bytes: Uint8Array,
  tfhd: Box,
  trackDefaults: ReadonlyMap<number, SampleDefaults> | undefined,
): { trackId: number; baseDataBytes: number | undefined; baseIsMoof: boolean; defaults: SampleDefaults } {
  const flags = readFlags(bytes, tfhd);
  const trackId = readU32(bytes, tfhd.bodyBytes + 4);
  const trex = trackDefaults?.get(trackId);
  let offset = tfhd.bodyBytes + 8;
  const u32IfFlag = (flag: number): number | undefined => {
    if ((flags & flag) === 0) return undefined;
    offset += 4;
    return readU32(bytes, offset - 4);
  };
  let baseDataBytes: number | undefined;
  if ((flags & 0x01) !== 0) {
    baseDataBytes = readU64(bytes, offset); // base_data_offset
    offset += 8;
  }
  u32IfFlag(0x02); // sample_description_index
  const durationTicks = u32IfFlag(0x08) ?? trex?.durationTicks ?? 0; // default_sample_duration
  const sizeBytes = u32IfFlag(0x10) ?? trex?.sizeBytes ?? 0; // default_sample_size
  const sampleFlags = u32IfFlag(0x20) ?? trex?.flags ?? 0; // default_sample_flags
  return {
    trackId,
    baseDataBytes,
    baseIsMoof: (flags & 0x02_0000) !== 0,
    defaults: { durationTicks, sizeBytes, flags: sampleFlags },
  };
}

/** Track fragment decode time. @see ISO/IEC 14496-12 8.8.12 */
function parseTfdt(bytes: Uint8Array, tfdt: Box): number {
  return bytes[tfdt.bodyBytes] === 1 ? readU64(bytes, tfdt.bodyBytes + 4) : readU32(bytes, tfdt.bodyBytes + 4);
}

/** Track fragment run. @see ISO/IEC 14496-12 8.8.8 */
function parseTrun(
  bytes: Uint8Array,
  trun: Box,
  context: { cursor: Cursor; baseBytes: number; defaults: SampleDefaults; samples: PlacedSample[] },
): void {
  const { cursor, defaults, samples } = context;
  const flags = readFlags(bytes, trun);
  const sampleCount = readU32(bytes, trun.bodyBytes + 4);
  let offset = trun.bodyBytes + 8;
  const next = (): number => readU32(bytes, (offset += 4) - 4);
  if ((flags & 0x01) !== 0) cursor.nextDataBytes = context.baseBytes + (next() | 0); // data_offset, signed
  const firstFlags = (flags & 0x04) !== 0 ? next() : undefined; // first_sample_flags
  let entryBytes = 0;
  for (const flag of [0x100, 0x200, 0x400, 0x800]) if ((flags & flag) !== 0) entryBytes += 4;
  if (offset + sampleCount * entryBytes > trun.endBytes) {
    throw new MediaError('truncated', `Expected ${sampleCount} samples in trun`, trun.startBytes);
  }
  cursor.samplesLeft -= sampleCount;
  if (cursor.samplesLeft < 0) {
    throw new MediaError('too-large', `Expected at most ${maxSamplesPerFragment} samples in moof`, trun.startBytes);
  }
  for (let index = 0; index < sampleCount; index++) {
    const durationTicks = (flags & 0x100) !== 0 ? next() : defaults.durationTicks; // sample_duration
    const sizeBytes = (flags & 0x200) !== 0 ? next() : defaults.sizeBytes; // sample_size
    const ownFlags = (flags & 0x400) !== 0 ? next() : defaults.flags; // sample_flags
    // Signed in version 1; in version 0 the top bit means a writer that wrote negative offsets all the same.
    const compositionOffsetTicks = (flags & 0x800) !== 0 ? next() | 0 : 0; // sample_composition_time_offset
    const sampleFlags = index === 0 && firstFlags !== undefined ? firstFlags : ownFlags;
    samples.push({
      offsetBytes: cursor.nextDataBytes,
      sizeBytes,
      durationTicks,
      compositionOffsetTicks,
      key: (sampleFlags & 0x0001_0000) === 0, // sample_is_non_sync_sample
      reference: (sampleFlags & 0x00c0_0000) !== 0x0080_0000, // sample_is_depended_on
    });
    cursor.nextDataBytes += sizeBytes;
  }
}

/** A sample cut out of a fragment, with its times in the fragment's time line. `data` is a view. */
export type FragmentFrame = {
  readonly trackId: number;
  readonly dtsTicks: number;
  readonly ptsTicks: number;
  readonly durationTicks: number;
  readonly key: boolean;
  readonly reference: boolean;
  /** NAL units with 4-byte lengths, or audio as it is. */
  readonly data: Uint8Array;
};

/** The samples of one whole fragment (`moof mdat`), track by track in decode order. Throws `MediaError`. */
export function splitFragment(fragment: Uint8Array): FragmentFrame[] {
  const frames: FragmentFrame[] = [];
  for (const track of parseMovieFragment(fragment).tracks) {
    let dtsTicks = track.baseDecodeTicks ?? 0;
    for (const { offsetBytes, sizeBytes, durationTicks, compositionOffsetTicks, key, reference } of track.samples) {
      if (offsetBytes < 0 || offsetBytes + sizeBytes > fragment.length) {
        throw new MediaError('truncated', `Sample of ${sizeBytes} bytes lies outside its fragment`, offsetBytes);
      }
      const data = fragment.subarray(offsetBytes, offsetBytes + sizeBytes);
      const ptsTicks = dtsTicks + compositionOffsetTicks;
      frames.push({ trackId: track.trackId, dtsTicks, ptsTicks, durationTicks, key, reference, data });
      dtsTicks += durationTicks;
    }
  }
  return frames;
}

/**
 * The fragment moved on its time line: each track's decode time plus its entry in `ticksToAdd` (by track_ID; none: 0).
 * Returns a new array as long as the input, `moof` and whatever follows it (nothing has to: pass the `moof` alone to save
 * copying its `mdat`); the input is not changed. This is how playback makes one time line of files that each start at 0.
 * Throws `MediaError`.
 */
export function rewriteBaseTimes(fragment: Uint8Array, ticksToAdd: ReadonlyMap<number, number>): Uint8Array {
  const moved = new Uint8Array(fragment); // a copy, also of a Node Buffer, whose slice would be a view
  const view = new DataView(moved.buffer);
  const moof = readBox(fragment, 0, fragment.length);
  if (moof.type !== 'moof') throw new MediaError('malformed', `Expected moof, got ${moof.type}`);
  for (const traf of childBoxes(fragment, moof.bodyBytes, moof.endBytes)) {
    if (traf.type !== 'traf') continue;
    const ticks = ticksToAdd.get(readU32(fragment, getBox(fragment, traf, 'tfhd').bodyBytes + 4)) ?? 0;
    const tfdt = findBox(fragment, traf, 'tfdt');
    if (tfdt === undefined) continue;
    const baseDecodeTicks = parseTfdt(fragment, tfdt) + ticks;
    const wide = fragment[tfdt.bodyBytes] === 1;
    if (!Number.isSafeInteger(baseDecodeTicks) || baseDecodeTicks < 0 || (!wide && baseDecodeTicks > 0xffff_ffff)) {
      throw new MediaError('too-large', `Cannot write decode time ${baseDecodeTicks} into tfdt`, tfdt.startBytes);
    }
    if (wide) view.setBigUint64(tfdt.bodyBytes + 4, BigInt(baseDecodeTicks));
    else view.setUint32(tfdt.bodyBytes + 4, baseDecodeTicks);
  }
  return moved;
}
