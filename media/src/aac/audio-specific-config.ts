import { BitReader } from '#bytes';
import { MediaError, type AudioTrack } from '#frame';

/** What a decoder of AAC must know. @see ISO/IEC 14496-3 1.6.2.1 */
export type AudioSpecificConfig = {
  /** Of the coded core: 2 for AAC-LC, 1 Main, 23 LD, 39 ELD … */
  readonly objectType: number;
  /** Of the coded core. */
  readonly sampleRateHz: number;
  /** After spectral band replication, when it is signalled. */
  readonly outputSampleRateHz: number;
  readonly channels: number;
  /** Core samples of each channel in one access unit. */
  readonly frameSamples: number;
  readonly sbr: boolean;
  readonly ps: boolean;
};

const sampleRates = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
/** Channels by channelConfiguration. @see ISO/IEC 14496-3 table 1.19 */
const channelCounts = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8];
const sbrType = 5;
const psType = 29;
const eldType = 39;

/** Parses an AudioSpecificConfig, hierarchical and backward-compatible SBR/PS signalling included. @see ISO/IEC 14496-3 1.6.2.1 */
export function parseAudioSpecificConfig(bytes: Uint8Array): AudioSpecificConfig {
  if (bytes.length > 1024) throw new MediaError('too-large', 'AudioSpecificConfig above 1024 bytes', 1024);
  return readAudioSpecificConfig(new BitReader(bytes), true);
}

/**
 * Reads an AudioSpecificConfig at the reader's position and leaves the reader behind it.
 * `toEnd` says that the config ends where the bytes end, so that a sync extension may be looked for.
 */
export function readAudioSpecificConfig(reader: BitReader, toEnd: boolean): AudioSpecificConfig {
  let objectType = readObjectType(reader);
  const sampleRateHz = readSampleRate(reader);
  const channelConfiguration = reader.read(4);
  let sbr = objectType === sbrType || objectType === psType;
  let ps = objectType === psType;
  let outputSampleRateHz = sampleRateHz;
  if (sbr) {
    outputSampleRateHz = readSampleRate(reader);
    objectType = readObjectType(reader);
    if (objectType === 22) reader.skip(4); // extensionChannelConfiguration
  }
  const { frameSamples, channels } = readSpecificConfig(reader, objectType, channelConfiguration);
  if (toEnd && !sbr && reader.bitsLeft >= 16 && reader.read(11) === 0x2b7 && readObjectType(reader) === sbrType) {
    sbr = reader.flag();
    if (sbr) outputSampleRateHz = readSampleRate(reader);
    if (sbr && reader.bitsLeft >= 12 && reader.read(11) === 0x548) ps = reader.flag();
  }
  return { objectType, sampleRateHz, outputSampleRateHz, channels, frameSamples, sbr, ps };
}

/** RFC 6381 string: the type a decoder must support. @see ISO/IEC 14496-3 table 1.17 */
export function toAacCodecString(config: AudioSpecificConfig): string {
  return `mp4a.40.${config.ps ? psType : config.sbr ? sbrType : config.objectType}`;
}

/** AudioSpecificConfig of AAC-LC, for cameras that name only rate and channels. @see ISO/IEC 14496-3 1.6.2.1 */
export function writeAacLcConfig(sampleRateHz: number, channels: number): Uint8Array {
  const rateIndex = sampleRates.indexOf(sampleRateHz);
  const configuration = channels === 0 ? -1 : channelCounts.indexOf(channels);
  if (rateIndex < 0 || configuration < 0) {
    throw new TypeError(`Expected a standard AAC rate and channel count, got ${sampleRateHz} Hz, ${channels}`);
  }
  return Uint8Array.of((2 << 3) | (rateIndex >> 1), ((rateIndex & 1) << 7) | (configuration << 3));
}

/** The track of an AAC stream. `config` is kept, not copied. */
export function toAacTrack(config: Uint8Array, clockRateHz: number): AudioTrack {
  const parsed = parseAudioSpecificConfig(config);
  return {
    kind: 'audio',
    codec: 'aac',
    clockRateHz,
    sampleRateHz: parsed.sampleRateHz,
    channels: parsed.channels,
    config,
    codecString: toAacCodecString(parsed),
  };
}

function readObjectType(reader: BitReader): number {
  const type = reader.read(5);
  return type === 31 ? 32 + reader.read(6) : type;
}

function readSampleRate(reader: BitReader): number {
  const index = reader.read(4);
  const rate = index === 15 ? reader.read(24) : sampleRates[index];
  if (!rate) throw new MediaError('malformed', `Reserved AAC sampling frequency index ${index}`);
  return rate;
}

type SpecificConfig = { readonly frameSamples: number; readonly channels: number };

/** GASpecificConfig or ELDSpecificConfig. @see ISO/IEC 14496-3 4.4.1, 4.6.20 */
function readSpecificConfig(reader: BitReader, objectType: number, channelConfiguration: number): SpecificConfig {
  const channels = channelCounts[channelConfiguration] ?? 0;
  if (objectType === eldType) {
    if (channels === 0) throw new MediaError('unsupported', 'AAC-ELD without a channel configuration');
    return { frameSamples: reader.flag() ? 480 : 512, channels };
  }
  if (![1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23].includes(objectType)) {
    throw new MediaError('unsupported', `MPEG-4 audio object type ${objectType} is not AAC`);
  }
  const short = reader.flag(); // frameLengthFlag
  const frameSamples = objectType === 23 ? (short ? 480 : 512) : short ? 960 : 1024;
  if (reader.flag()) reader.skip(14); // dependsOnCoreCoder, coreCoderDelay
  const extended = reader.flag(); // extensionFlag
  const counted = channelConfiguration === 0 ? readProgramConfig(reader) : channels;
  if (counted === 0) throw new MediaError('malformed', `Reserved AAC channel configuration ${channelConfiguration}`);
  if (objectType === 6 || objectType === 20) reader.skip(3); // layerNr
  if (extended) {
    if (objectType === 22) reader.skip(16); // numOfSubFrame, layer_length
    if (objectType === 17 || objectType === 19 || objectType === 20 || objectType === 23) reader.skip(3);
    reader.skip(1); // extensionFlag3
  }
  return { frameSamples, channels: counted };
}

/** program_config_element; returns the number of channels. @see ISO/IEC 14496-3 4.4.1.1 */
function readProgramConfig(reader: BitReader): number {
  reader.skip(10); // element_instance_tag, object_type, sampling_frequency_index
  const front = reader.read(4);
  const side = reader.read(4);
  const back = reader.read(4);
  const lfe = reader.read(2);
  const associated = reader.read(3);
  const coupling = reader.read(4);
  if (reader.flag()) reader.skip(4); // mono_mixdown
  if (reader.flag()) reader.skip(4); // stereo_mixdown
  if (reader.flag()) reader.skip(3); // matrix_mixdown
  let channels = lfe;
  for (let element = 0; element < front + side + back; element++) {
    channels += reader.flag() ? 2 : 1;
    reader.skip(4);
  }
  reader.skip(lfe * 4 + associated * 4 + coupling * 5);
  reader.skip((8 - (reader.position % 8)) % 8);
  reader.skip(reader.read(8) * 8); // comment
  return channels;
}
