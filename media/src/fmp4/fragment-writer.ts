import { BytesWriter } from '#bytes';
import type { CodedFrame } from '#frame';
import { toLengthPrefixed } from '#nal';
import { beginBox, beginFullBox, endBox } from './box-writer.ts';

/** One sample as the fragment's tables tell it. */
export type FragmentSample = {
  /** As in the file: with the 4-byte length before each NAL unit. */
  readonly sizeBytes: number;
  readonly durationTicks: number;
  /** Presentation minus decode time; may be negative. */
  readonly compositionOffsetTicks: number;
  readonly key: boolean;
  /** Other samples depend on it. True for audio. */
  readonly reference: boolean;
};

/** The samples of one track within one fragment, in decode order. */
export type FragmentTrack = {
  /** Index of the track in `writeInit`'s list, plus one. */
  readonly trackId: number;
  /** Decode time of the first sample since the start of the file. */
  readonly baseDecodeTicks: number;
  readonly samples: readonly FragmentSample[];
};

const tfhdDefaultSampleDuration = 0x00_0008;
const tfhdDefaultSampleFlags = 0x00_0020;
const tfhdDefaultBaseIsMoof = 0x02_0000;
const trunDataOffset = 0x0001;
const trunFirstSampleFlags = 0x0004;
const trunSampleDuration = 0x0100;
const trunSampleSize = 0x0200;
const trunSampleFlags = 0x0400;
const trunCompositionOffset = 0x0800;

/**
 * `moof` and the header of its `mdat`, in one new array. The caller writes the sample bytes right behind it, track by
 * track in the order given here, sample by sample: nothing is copied on the way to disk.
 *
 * Tracks without samples are left out. Each fragment is decodable from `writeInit`'s bytes alone: no default of `trex`
 * is relied upon. Throws `TypeError` for sizes and times that the boxes cannot hold.
 *
 * @see ISO/IEC 14496-12 8.8.4
 */
export function writeFragment(fragment: {
  readonly sequenceNumber: number;
  readonly tracks: readonly FragmentTrack[];
}): Uint8Array {
  let samples = 0;
  for (const track of fragment.tracks) samples += track.samples.length;
  const writer = new BytesWriter(8 + 16 + fragment.tracks.length * 92 + samples * 16 + 8);
  const moof = beginBox(writer, 'moof');
  const mfhd = beginFullBox(writer, 'mfhd', 0, 0);
  writer.u32(fragment.sequenceNumber); // sequence_number
  endBox(writer, mfhd);
  const runs: { dataOffsetAt: number; sizeBytes: number }[] = [];
  for (const track of fragment.tracks) if (track.samples.length > 0) runs.push(traf(writer, track));
  endBox(writer, moof);
  let mdatSizeBytes = 8;
  for (const run of runs) {
    writer.patchU32(run.dataOffsetAt, writer.length + mdatSizeBytes); // data_offset, from the start of moof
    mdatSizeBytes += run.sizeBytes;
  }
  if (mdatSizeBytes > 0x7fff_ffff) throw new TypeError(`Expected a fragment below 2 GiB, got ${mdatSizeBytes} bytes`);
  writer.u32(mdatSizeBytes); // size
  writer.text('mdat'); // type
  return writer.finish();
}

/** Track fragment; says where its data_offset waits to be filled in. @see ISO/IEC 14496-12 8.8.6 */
function traf(writer: BytesWriter, track: FragmentTrack): { dataOffsetAt: number; sizeBytes: number } {
  const samples = track.samples;
  const layout = toLayout(samples);
  const box = beginBox(writer, 'traf');

  let tfhdFlags = tfhdDefaultBaseIsMoof | tfhdDefaultSampleFlags;
  if ((layout & trunSampleDuration) === 0) tfhdFlags |= tfhdDefaultSampleDuration;
  const tfhd = beginFullBox(writer, 'tfhd', 0, tfhdFlags);
  writer.u32(track.trackId); // track_ID
  if ((tfhdFlags & tfhdDefaultSampleDuration) !== 0) writer.u32(samples[0]!.durationTicks); // default_sample_duration
  writer.u32(sampleFlags(samples.at(-1)!)); // default_sample_flags
  endBox(writer, tfhd);

  if (!Number.isSafeInteger(track.baseDecodeTicks) || track.baseDecodeTicks < 0) {
    throw new TypeError(`Expected \`baseDecodeTicks\` to be a whole number ≥ 0, got ${track.baseDecodeTicks}`);
  }
  const tfdt = beginFullBox(writer, 'tfdt', 1, 0);
  writer.u64(track.baseDecodeTicks); // baseMediaDecodeTime
  endBox(writer, tfdt);

  const dataOffsetAt = writer.length + 16; // behind size, type, version, flags and sample_count of trun
  const sizeBytes = trun(writer, samples, layout);
  endBox(writer, box);
  return { dataOffsetAt, sizeBytes };
}

/** Track fragment run; gives the size of its samples. @see ISO/IEC 14496-12 8.8.8 */
function trun(writer: BytesWriter, samples: readonly FragmentSample[], layout: number): number {
  const box = beginFullBox(writer, 'trun', 1 /* signed composition offsets */, layout);
  writer.u32(samples.length); // sample_count
  writer.i32(0); // data_offset: filled in by the caller
  if ((layout & trunFirstSampleFlags) !== 0) writer.u32(sampleFlags(samples[0]!)); // first_sample_flags
  let sizeBytes = 0;
  for (const sample of samples) {
    sizeBytes += sample.sizeBytes;
    if (!(sample.durationTicks >= 0 && sample.durationTicks <= 0xffff_ffff)) {
      throw new TypeError(`Expected \`durationTicks\` to be 0 … 2^32-1, got ${sample.durationTicks}`);
    }
    if ((layout & trunSampleDuration) !== 0) writer.u32(sample.durationTicks); // sample_duration
    writer.u32(sample.sizeBytes); // sample_size
    if ((layout & trunSampleFlags) !== 0) writer.u32(sampleFlags(sample)); // sample_flags
    if ((layout & trunCompositionOffset) !== 0) writer.i32(sample.compositionOffsetTicks); // sample_composition_time_offset
  }
  endBox(writer, box);
  return sizeBytes;
}

/** Which fields the run needs per sample: what is equal for all goes into `tfhd`, a key frame in front into one field. */
function toLayout(samples: readonly FragmentSample[]): number {
  const first = samples[0]!;
  const usualFlags = sampleFlags(samples.at(-1)!);
  let layout = trunDataOffset | trunSampleSize;
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index]!;
    if (sample.durationTicks !== first.durationTicks) layout |= trunSampleDuration;
    if (sample.compositionOffsetTicks !== 0) layout |= trunCompositionOffset;
    if (sampleFlags(sample) !== usualFlags) layout |= index === 0 ? trunFirstSampleFlags : trunSampleFlags;
  }
  return (layout & trunSampleFlags) !== 0 ? layout & ~trunFirstSampleFlags : layout;
}

/** sample_depends_on, sample_is_depended_on, sample_is_non_sync_sample. @see ISO/IEC 14496-12 8.8.3.1 */
function sampleFlags(sample: FragmentSample): number {
  if (sample.key) return 0x0200_0000; // depends on no other
  return sample.reference ? 0x0101_0000 : 0x0181_0000; // depends on others, not a sync sample; disposable
}

/**
 * The bytes of a frame as an MP4 sample: NAL units with a 4-byte length in front (ISO/IEC 14496-15 5.3.2), audio as it
 * is. The frame's own bytes stay views; only the lengths are new, in one array for the whole frame.
 * Every NAL unit is kept as sent: AUD, SEI (some cameras sign their video there) and repeated parameter sets too.
 */
export function toSampleBytes(frame: CodedFrame): Uint8Array[] {
  return frame.kind === 'audio' ? [frame.data] : toLengthPrefixed(frame.nalUnits);
}

/** What `writeFragment` must know of a frame; its size is that of `toSampleBytes`. */
export function toFragmentSample(frame: CodedFrame, dtsTicks: number, durationTicks: number): FragmentSample {
  const video = frame.kind === 'video';
  return {
    sizeBytes: video ? frame.sizeBytes + frame.nalUnits.length * 4 : frame.data.length,
    durationTicks,
    compositionOffsetTicks: frame.ptsTicks - dtsTicks,
    key: video ? frame.key : true,
    reference: video ? frame.reference : true,
  };
}
