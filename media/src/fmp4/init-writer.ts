import { BytesWriter } from '#bytes';
import type { TrackDescription } from '#frame';
import { beginBox, beginFullBox, endBox } from './box-writer.ts';
import { writeSampleEntry } from './sample-entry-writer.ts';

const movieTimescale = 1000;

/**
 * The file's head: `ftyp moov`, with the track at index i of `tracks` as track_ID i + 1. A new array.
 *
 * Samples follow in movie fragments, so all durations are 0 and all sample tables are empty. The bytes depend on
 * nothing but `tracks`: equal descriptions give equal bytes, which is what an init hash rests on.
 * Throws `TypeError` for an empty list and for G.711, which MP4 cannot hold (make FLAC of it first).
 *
 * @see ISO/IEC 14496-12 8.2, ISO/IEC 23000-19 7.3.1
 */
export function writeInit(tracks: readonly TrackDescription[]): Uint8Array {
  if (tracks.length === 0) throw new TypeError('Expected at least one track');
  const writer = new BytesWriter(1024);
  ftyp(writer, tracks.length);
  moov(writer, tracks);
  return writer.finish();
}

/** File type. `cmf2` promises one track per file, so only such a file says so. @see ISO/IEC 14496-12 4.3 */
function ftyp(writer: BytesWriter, trackCount: number): void {
  const box = beginBox(writer, 'ftyp');
  writer.text('iso6'); // major_brand: the first with tfdt and default-base-is-moof
  writer.u32(0); // minor_version
  writer.text('iso6').text('isom').text('mp41'); // compatible_brands
  if (trackCount === 1) writer.text('cmfc').text('cmf2');
  endBox(writer, box);
}

/** Movie. @see ISO/IEC 14496-12 8.2.1 */
function moov(writer: BytesWriter, tracks: readonly TrackDescription[]): void {
  const box = beginBox(writer, 'moov');
  mvhd(writer, tracks.length + 1);
  for (const [index, track] of tracks.entries()) trak(writer, track, index + 1);
  mvex(writer, tracks.length);
  endBox(writer, box);
}

/** Movie header. @see ISO/IEC 14496-12 8.2.2 */
function mvhd(writer: BytesWriter, nextTrackId: number): void {
  const box = beginFullBox(writer, 'mvhd', 0, 0);
  writer.u32(0); // creation_time
  writer.u32(0); // modification_time
  writer.u32(movieTimescale); // timescale
  writer.u32(0); // duration: in the fragments
  writer.u32(0x0001_0000); // rate 1.0
  writer.u16(0x0100); // volume 1.0
  writer.u16(0).u32(0).u32(0); // reserved
  matrix(writer);
  for (let index = 0; index < 6; index++) writer.u32(0); // pre_defined
  writer.u32(nextTrackId); // next_track_ID
  endBox(writer, box);
}

/** The unity matrix: pictures are shown as they are. */
function matrix(writer: BytesWriter): void {
  writer.u32(0x0001_0000).u32(0).u32(0); // a b u
  writer.u32(0).u32(0x0001_0000).u32(0); // c d v
  writer.u32(0).u32(0).u32(0x4000_0000); // x y w
}

/** Track. @see ISO/IEC 14496-12 8.3.1 */
function trak(writer: BytesWriter, track: TrackDescription, trackId: number): void {
  const box = beginBox(writer, 'trak');
  tkhd(writer, track, trackId);
  mdia(writer, track);
  endBox(writer, box);
}

/** Track header. @see ISO/IEC 14496-12 8.3.2 */
function tkhd(writer: BytesWriter, track: TrackDescription, trackId: number): void {
  const box = beginFullBox(writer, 'tkhd', 0, 0x3 /* track_enabled, track_in_movie */);
  writer.u32(0); // creation_time
  writer.u32(0); // modification_time
  writer.u32(trackId); // track_ID
  writer.u32(0); // reserved
  writer.u32(0); // duration
  writer.u32(0).u32(0); // reserved
  writer.u16(0); // layer
  writer.u16(0); // alternate_group
  writer.u16(track.kind === 'audio' ? 0x0100 : 0); // volume
  writer.u16(0); // reserved
  matrix(writer);
  writer.u32(track.kind === 'video' ? track.widthPx * 65536 : 0); // width 16.16
  writer.u32(track.kind === 'video' ? track.heightPx * 65536 : 0); // height 16.16
  endBox(writer, box);
}

/** Media. @see ISO/IEC 14496-12 8.4.1 */
function mdia(writer: BytesWriter, track: TrackDescription): void {
  const box = beginBox(writer, 'mdia');
  mdhd(writer, track.clockRateHz);
  hdlr(writer, track.kind);
  minf(writer, track);
  endBox(writer, box);
}

/** Media header. @see ISO/IEC 14496-12 8.4.2 */
function mdhd(writer: BytesWriter, timescale: number): void {
  const box = beginFullBox(writer, 'mdhd', 0, 0);
  writer.u32(0); // creation_time
  writer.u32(0); // modification_time
  writer.u32(timescale); // timescale
  writer.u32(0); // duration
  writer.u16(0x55c4); // language: und
  writer.u16(0); // pre_defined
  endBox(writer, box);
}

/** Handler. @see ISO/IEC 14496-12 8.4.3 */
function hdlr(writer: BytesWriter, kind: TrackDescription['kind']): void {
  const box = beginFullBox(writer, 'hdlr', 0, 0);
  writer.u32(0); // pre_defined
  writer.text(kind === 'video' ? 'vide' : 'soun'); // handler_type
  writer.u32(0).u32(0).u32(0); // reserved
  writer.text(kind === 'video' ? 'Porchlight video\0' : 'Porchlight audio\0'); // name
  endBox(writer, box);
}

/** Media information. @see ISO/IEC 14496-12 8.4.4 */
function minf(writer: BytesWriter, track: TrackDescription): void {
  const box = beginBox(writer, 'minf');
  if (track.kind === 'video') vmhd(writer);
  else smhd(writer);
  dinf(writer);
  stbl(writer, track);
  endBox(writer, box);
}

/** Video media header. @see ISO/IEC 14496-12 12.1.2 */
function vmhd(writer: BytesWriter): void {
  const box = beginFullBox(writer, 'vmhd', 0, 1);
  writer.u16(0); // graphicsmode: copy
  writer.u16(0).u16(0).u16(0); // opcolor
  endBox(writer, box);
}

/** Sound media header. @see ISO/IEC 14496-12 12.2.2 */
function smhd(writer: BytesWriter): void {
  const box = beginFullBox(writer, 'smhd', 0, 0);
  writer.u16(0); // balance
  writer.u16(0); // reserved
  endBox(writer, box);
}

/** Data information: everything is in this file. @see ISO/IEC 14496-12 8.7.1 */
function dinf(writer: BytesWriter): void {
  const box = beginBox(writer, 'dinf');
  const dref = beginFullBox(writer, 'dref', 0, 0);
  writer.u32(1); // entry_count
  endBox(writer, beginFullBox(writer, 'url ', 0, 1 /* self-contained */));
  endBox(writer, dref);
  endBox(writer, box);
}

/** Sample table: the sample entry and empty tables. @see ISO/IEC 14496-12 8.5.1 */
function stbl(writer: BytesWriter, track: TrackDescription): void {
  const box = beginBox(writer, 'stbl');
  const stsd = beginFullBox(writer, 'stsd', 0, 0);
  writer.u32(1); // entry_count
  writeSampleEntry(writer, track);
  endBox(writer, stsd);
  for (const type of ['stts', 'stsc', 'stco']) {
    const table = beginFullBox(writer, type, 0, 0);
    writer.u32(0); // entry_count
    endBox(writer, table);
  }
  const stsz = beginFullBox(writer, 'stsz', 0, 0);
  writer.u32(0); // sample_size
  writer.u32(0); // sample_count
  endBox(writer, stsz);
  endBox(writer, box);
}

/** Movie extends: samples are in fragments. @see ISO/IEC 14496-12 8.8.1 */
function mvex(writer: BytesWriter, trackCount: number): void {
  const box = beginBox(writer, 'mvex');
  for (let trackId = 1; trackId <= trackCount; trackId++) {
    const trex = beginFullBox(writer, 'trex', 0, 0);
    writer.u32(trackId); // track_ID
    writer.u32(1); // default_sample_description_index
    writer.u32(0); // default_sample_duration
    writer.u32(0); // default_sample_size
    writer.u32(0); // default_sample_flags
    endBox(writer, trex);
  }
  endBox(writer, box);
}
