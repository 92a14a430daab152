import { toAacTrack } from '#aac';
import { readU16, readU32 } from '#bytes';
import { MediaError, type AudioTrack, type TrackDescription } from '#frame';
import { parseAvcConfiguration, toH264Track } from '#h264';
import { parseHevcConfiguration, toH265Track } from '#h265';
import { type Box, childBoxes, findBox, readBox } from './box-reader.ts';

/** A sample entry, understood; or why not, in a word (`tmcd`, `mp4a with object type 0x6b`). */
export type SampleEntry =
  { readonly track: TrackDescription; readonly nalLengthSizeBytes: number } | { readonly unsupported: string };

/**
 * The first sample entry of an `stsd` box: avc1 avc3 hvc1 hev1 mp4a Opus fLaC, and QuickTime's ulaw and alaw.
 * `timescale` is that of the track's `mdhd`. What cannot be understood is said, not thrown, so that a strange sound
 * track does not hide the picture. @see ISO/IEC 14496-12 8.5.2
 */
export function parseSampleEntry(bytes: Uint8Array, stsd: Box, timescale: number): SampleEntry {
  try {
    return parseEntry(bytes, stsd, timescale);
  } catch (error) {
    if (error instanceof MediaError) return { unsupported: `its sample entry is ${error.reason}: ${error.message}` };
    throw error;
  }
}

function parseEntry(bytes: Uint8Array, stsd: Box, timescale: number): SampleEntry {
  if (stsd.endBytes - stsd.bodyBytes < 16 || readU32(bytes, stsd.bodyBytes + 4) === 0)
    return { unsupported: 'nothing' };
  const entry = readBox(bytes, stsd.bodyBytes + 8, stsd.endBytes);
  switch (entry.type) {
    case 'avc1':
    case 'avc3':
    case 'hvc1':
    case 'hev1':
      return parseVisual(bytes, entry, timescale);
    case 'mp4a':
    case 'Opus':
    case 'fLaC':
    case 'ulaw':
    case 'alaw':
      return parseAudio(bytes, entry, { timescale, stsdVersion: bytes[stsd.bodyBytes]! });
    default:
      return { unsupported: toPrintable(entry.type) };
  }
}

function toPrintable(type: string): string {
  return type.replace(/[^\x21-\x7e]/g, '?');
}

/** @see ISO/IEC 14496-12 12.1.3, ISO/IEC 14496-15 5.4.2.1 and 8.4.1.1 */
function parseVisual(bytes: Uint8Array, entry: Box, timescale: number): SampleEntry {
  const codec = entry.type.startsWith('avc') ? 'h264' : 'h265';
  const record = findEntryBox(bytes, entry, { headerBytes: 78, type: codec === 'h264' ? 'avcC' : 'hvcC' });
  if (record === undefined) return { unsupported: `${entry.type} without its configuration` };
  const body = bytes.slice(record.bodyBytes, record.endBytes);
  const { parameterSets, lengthSizeBytes } =
    codec === 'h264' ? parseAvcConfiguration(body) : parseHevcConfiguration(body);
  if (parameterSets.length === 0) return { unsupported: `${entry.type} without parameter sets` };
  const options = { parameterSets, clockRateHz: timescale };
  const track = codec === 'h264' ? toH264Track(options) : toH265Track(options);
  return { track, nalLengthSizeBytes: lengthSizeBytes };
}

/** A box behind the fixed fields of a sample entry. */
function findEntryBox(bytes: Uint8Array, entry: Box, wanted: { headerBytes: number; type: string }): Box | undefined {
  const startBytes = entry.bodyBytes + wanted.headerBytes;
  if (startBytes > entry.endBytes)
    throw new MediaError('truncated', `Sample entry ${entry.type} cut off`, entry.startBytes);
  for (const box of childBoxes(bytes, startBytes, entry.endBytes)) if (box.type === wanted.type) return box;
  return undefined;
}

type SoundFields = { readonly channels: number; readonly sampleRateHz: number; readonly headerBytes: number };

/** ISO's AudioSampleEntry and QuickTime's sound description, versions 0 to 2. @see QuickTime File Format, Sound Sample Descriptions */
function parseSoundFields(bytes: Uint8Array, entry: Box, stsdVersion: number): SoundFields {
  const at = entry.bodyBytes;
  const version = readU16(bytes, at + 8);
  if (version === 2) {
    const rate = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (at + 64 > entry.endBytes) throw new MediaError('truncated', `Sample entry ${entry.type} cut off`, at);
    return { sampleRateHz: Math.round(rate.getFloat64(at + 32)), channels: readU32(bytes, at + 40), headerBytes: 64 };
  }
  // Version 1 of ISO comes only in an stsd of version 1 and has no more fields; QuickTime's has four.
  const headerBytes = version === 1 && stsdVersion === 0 ? 28 + 16 : 28;
  return { channels: readU16(bytes, at + 16), sampleRateHz: readU16(bytes, at + 24), headerBytes };
}

/** @see ISO/IEC 14496-12 12.2.3 */
function parseAudio(bytes: Uint8Array, entry: Box, context: { timescale: number; stsdVersion: number }): SampleEntry {
  const { channels, sampleRateHz, headerBytes } = parseSoundFields(bytes, entry, context.stsdVersion);
  if (channels === 0 || channels > 64) return { unsupported: `${entry.type} with ${channels} channels` };
  const base = {
    kind: 'audio',
    clockRateHz: context.timescale,
    channels,
    sampleRateHz: sampleRateHz || context.timescale,
  } as const;
  const none = new Uint8Array(0);
  const found = (track: AudioTrack): SampleEntry => ({ track, nalLengthSizeBytes: 0 });
  switch (entry.type) {
    case 'ulaw':
      return found({ ...base, codec: 'pcmu', config: none, codecString: 'ulaw' });
    case 'alaw':
      return found({ ...base, codec: 'pcma', config: none, codecString: 'alaw' });
    case 'Opus':
      return found({ ...base, codec: 'opus', sampleRateHz: 48_000, config: none, codecString: 'opus' });
    case 'fLaC': {
      const dfLa = findEntryBox(bytes, entry, { headerBytes, type: 'dfLa' });
      // STREAMINFO is the first block. Encapsulation of FLAC in ISO Base Media File Format 3.3.2
      if (dfLa === undefined || dfLa.endBytes - dfLa.bodyBytes < 42) return { unsupported: 'fLaC without STREAMINFO' };
      const config = bytes.slice(dfLa.bodyBytes + 8, dfLa.bodyBytes + 42);
      return found({ ...base, codec: 'flac', config, codecString: 'flac' });
    }
    default: {
      const config = findAudioSpecificConfig(bytes, entry, headerBytes);
      if (typeof config === 'string') return { unsupported: config };
      return found(toAacTrack(config, context.timescale));
    }
  }
}

/** AudioSpecificConfig out of `esds`, which QuickTime puts into `wave`. */
function findAudioSpecificConfig(bytes: Uint8Array, entry: Box, headerBytes: number): Uint8Array | string {
  const wave = findEntryBox(bytes, entry, { headerBytes, type: 'wave' });
  const esds =
    wave === undefined ? findEntryBox(bytes, entry, { headerBytes, type: 'esds' }) : findBox(bytes, wave, 'esds');
  if (esds === undefined) return 'mp4a without esds';
  return parseEsds(bytes, esds);
}

/** @see ISO/IEC 14496-1 7.2.6 */
function parseEsds(bytes: Uint8Array, esds: Box): Uint8Array | string {
  let at = esds.bodyBytes + 4;
  const within = (count: number): void => {
    if (at + count > esds.endBytes) throw new MediaError('truncated', 'esds cut off', at);
  };
  const descriptor = (tag: number): number => {
    within(2);
    if (bytes[at] !== tag) throw new MediaError('malformed', `Expected descriptor ${tag}, got ${bytes[at]}`, at);
    at++;
    let sizeBytes = 0;
    for (let index = 0; index < 4; index++) {
      within(1);
      const byte = bytes[at++]!;
      sizeBytes = sizeBytes * 128 + (byte & 0x7f);
      if (byte < 0x80) break;
    }
    return sizeBytes;
  };
  descriptor(0x03); // ES_DescrTag
  within(3);
  const flags = bytes[at + 2]!;
  at += 3; // ES_ID, flags
  if ((flags & 0x80) !== 0) at += 2; // dependsOn_ES_ID
  if ((flags & 0x40) !== 0) at += 1 + (bytes[at] ?? 0); // URL
  if ((flags & 0x20) !== 0) at += 2; // OCR_ES_Id
  descriptor(0x04); // DecoderConfigDescrTag
  within(13);
  const objectType = bytes[at]!;
  at += 13;
  // 0x40: MPEG-4 audio; 0x66 to 0x68: MPEG-2 AAC, which carries the same configuration
  if (objectType !== 0x40 && (objectType < 0x66 || objectType > 0x68)) {
    return `mp4a with object type 0x${objectType.toString(16)}`;
  }
  const sizeBytes = descriptor(0x05); // DecSpecificInfoTag
  within(sizeBytes);
  if (sizeBytes < 2) throw new MediaError('malformed', 'AudioSpecificConfig too short', at);
  return bytes.slice(at, at + sizeBytes);
}
