import type { BytesWriter } from '#bytes';
import type { AudioTrack, TrackDescription, VideoTrack } from '#frame';
import { writeAvcConfiguration } from '#h264';
import { writeHevcConfiguration } from '#h265';
import { beginBox, beginFullBox, endBox } from './box-writer.ts';

/**
 * The sample entry of one track: `avc1`, `hvc1`, `mp4a`, `Opus` or `fLaC`.
 *
 * `avc1`/`hvc1` and not `avc3`/`hev1`, although cameras repeat their parameter sets before each key frame and those
 * stay in the samples as sent: QuickTime and Safari refuse `hev1`, a change of parameter sets starts a new file
 * anyway, so what is in the samples only repeats what is here, and every player tolerates the repetition (`ffmpeg -c
 * copy` has written it so for years). Taking them out would break the signature of footage that a camera signs.
 */
export function writeSampleEntry(writer: BytesWriter, track: TrackDescription): void {
  if (track.kind === 'video') visualSampleEntry(writer, track);
  else audioSampleEntry(writer, track);
}

/** @see ISO/IEC 14496-12 12.1.3, ISO/IEC 14496-15 5.4.2.1 and 8.4.1.1 */
function visualSampleEntry(writer: BytesWriter, track: VideoTrack): void {
  const box = beginBox(writer, track.codec === 'h264' ? 'avc1' : 'hvc1');
  writer.u32(0).u16(0); // reserved
  writer.u16(1); // data_reference_index
  writer.u16(0).u16(0); // pre_defined, reserved
  writer.u32(0).u32(0).u32(0); // pre_defined
  writer.u16(track.widthPx); // width
  writer.u16(track.heightPx); // height
  writer.u32(0x0048_0000); // horizresolution 72 dpi
  writer.u32(0x0048_0000); // vertresolution 72 dpi
  writer.u32(0); // reserved
  writer.u16(1); // frame_count
  for (let index = 0; index < 8; index++) writer.u32(0); // compressorname
  writer.u16(0x0018); // depth
  writer.u16(0xffff); // pre_defined -1
  const configuration = beginBox(writer, track.codec === 'h264' ? 'avcC' : 'hvcC');
  writer.bytes(track.codec === 'h264' ? writeAvcConfiguration(track) : writeHevcConfiguration(track));
  endBox(writer, configuration);
  endBox(writer, box);
}

/** @see ISO/IEC 14496-12 12.2.3 */
function audioSampleEntry(writer: BytesWriter, track: AudioTrack): void {
  const box = beginBox(writer, sampleEntryType(track));
  writer.u32(0).u16(0); // reserved
  writer.u16(1); // data_reference_index
  writer.u32(0).u32(0); // reserved
  writer.u16(track.channels); // channelcount
  writer.u16(16); // samplesize
  writer.u16(0); // pre_defined
  writer.u16(0); // reserved
  writer.u32(track.sampleRateHz < 65536 ? track.sampleRateHz * 65536 : 0); // samplerate 16.16
  if (track.codec === 'aac') esds(writer, track.config);
  else if (track.codec === 'opus') dOps(writer, track);
  else dfLa(writer, track.config);
  endBox(writer, box);
}

function sampleEntryType(track: AudioTrack): string {
  switch (track.codec) {
    case 'aac':
      return 'mp4a';
    case 'opus':
      return 'Opus';
    case 'flac':
      return 'fLaC';
    case 'pcmu':
    case 'pcma':
      throw new TypeError(`Expected audio that MP4 can hold, got ${track.codec}: turn G.711 into FLAC first`);
  }
}

/** Elementary stream descriptor. @see ISO/IEC 14496-14 5.6, ISO/IEC 14496-1 7.2.6 */
function esds(writer: BytesWriter, audioSpecificConfig: Uint8Array): void {
  const size = audioSpecificConfig.length;
  if (size > 1024) throw new TypeError(`Expected an AudioSpecificConfig of at most 1024 bytes, got ${size}`);
  const box = beginFullBox(writer, 'esds', 0, 0);
  descriptor(writer, 0x03 /* ES_DescrTag */, 3 + 5 + 13 + 5 + size + 5 + 1);
  writer.u16(0); // ES_ID: 0 in a file
  writer.u8(0); // streamDependenceFlag, URL_Flag, OCRstreamFlag, streamPriority
  descriptor(writer, 0x04 /* DecoderConfigDescrTag */, 13 + 5 + size);
  writer.u8(0x40); // objectTypeIndication: ISO/IEC 14496-3
  writer.u8((0x05 << 2) | 1); // streamType audio, upStream 0, reserved 1
  writer.u24(0); // bufferSizeDB
  writer.u32(0); // maxBitrate: unknown
  writer.u32(0); // avgBitrate: variable
  descriptor(writer, 0x05 /* DecSpecificInfoTag */, size);
  writer.bytes(audioSpecificConfig);
  descriptor(writer, 0x06 /* SLConfigDescrTag */, 1);
  writer.u8(0x02); // predefined: reserved for MP4 files
  endBox(writer, box);
}

/** Tag and a size in the four-byte form. @see ISO/IEC 14496-1 8.3.3 */
function descriptor(writer: BytesWriter, tag: number, sizeBytes: number): void {
  writer.u8(tag);
  writer.u8(0x80).u8(0x80);
  writer.u8(0x80 | (sizeBytes >> 7)).u8(sizeBytes & 0x7f);
}

/** Opus specific box. @see Encapsulation of Opus in ISO Base Media File Format 4.3.2 */
function dOps(writer: BytesWriter, track: AudioTrack): void {
  if (track.channels > 2) throw new TypeError(`Expected Opus with 1 or 2 channels, got ${track.channels}`);
  const box = beginBox(writer, 'dOps');
  writer.u8(0); // Version
  writer.u8(track.channels); // OutputChannelCount
  writer.u16(0); // PreSkip: a live stream is joined in the middle, nothing is to be dropped
  writer.u32(track.sampleRateHz); // InputSampleRate
  writer.u16(0); // OutputGain
  writer.u8(0); // ChannelMappingFamily
  endBox(writer, box);
}

/** FLAC specific box. @see Encapsulation of FLAC in ISO Base Media File Format 3.3.2 */
function dfLa(writer: BytesWriter, streamInfo: Uint8Array): void {
  if (streamInfo.length !== 34) throw new TypeError(`Expected STREAMINFO of 34 bytes, got ${streamInfo.length}`);
  const box = beginFullBox(writer, 'dfLa', 0, 0);
  writer.u8(0x80); // LastMetadataBlockFlag 1, BlockType 0 (STREAMINFO)
  writer.u24(34); // Length
  writer.bytes(streamInfo); // BlockData
  endBox(writer, box);
}
