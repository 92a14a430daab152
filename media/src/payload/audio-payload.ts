import {
  openLatmDepacketizer,
  openMpeg4GenericDepacketizer,
  parseAudioSpecificConfig,
  parseStreamMuxConfig,
  toAacTrack,
  writeAacLcConfig,
  type AuHeaderWidths,
} from '#aac';
import { parseHex } from '#bytes';
import { MediaError } from '#frame';
import { openG711Depacketizer, toG711Track } from '#g711';
import { openOpusDepacketizer, toOpusTrack } from '#opus';
import type { SdpPayload } from '#sdp';
import type { Payload, PayloadOptions } from './payload.ts';

/** MPEG4-GENERIC. Without a usable `config` AAC-LC of the rtpmap's rate is assumed. @see RFC 3640 4.1 */
export function openAacGeneric(payload: SdpPayload, { track, sink }: PayloadOptions): Payload {
  const { clockRateHz, payloadType, parameters } = payload;
  const widths = toWidths(payload);
  if (!widths) return { unsupported: `MPEG4-GENERIC mode ${parameters.get('mode') ?? 'unknown'} is not AAC` };
  const config = toConfig(payload);
  const depacketizer = openMpeg4GenericDepacketizer({ track, sink, clockRateHz, config, widths });
  return { depacketizer, payloadType, clockRateHz, description: toAacTrack(config, clockRateHz) };
}

/** MP4A-LATM with its configuration in fmtp or in the stream (`cpresent`, 1 unless stated). @see RFC 6416 7.3 */
export function openAacLatm(payload: SdpPayload, { track, sink }: PayloadOptions): Payload {
  const { clockRateHz, payloadType, parameters } = payload;
  const inBand = parameters.get('cpresent') !== '0';
  const hex = parameters.get('config');
  if (!inBand && hex === undefined) return { unsupported: 'MP4A-LATM without config' };
  const muxConfig = hex === undefined ? undefined : parseHex(hex);
  const depacketizer = openLatmDepacketizer({ track, sink, clockRateHz, muxConfig, inBand });
  const description = muxConfig && toAacTrack(parseStreamMuxConfig(muxConfig).config, clockRateHz);
  return { depacketizer, payloadType, clockRateHz, description };
}

/** PCMU and PCMA at any rate. @see RFC 3551 4.5.14 */
export function openG711(payload: SdpPayload, { track, sink }: PayloadOptions): Payload {
  const codec = payload.encoding.toLowerCase() === 'pcmu' ? 'pcmu' : 'pcma';
  const { clockRateHz, channels, payloadType } = payload;
  const depacketizer = openG711Depacketizer({ track, sink, clockRateHz, codec, channels });
  return { depacketizer, payloadType, clockRateHz, description: toG711Track(codec, clockRateHz, channels) };
}

/** Opus; two channels unless the camera says `sprop-stereo=0`, which any decoder takes. @see RFC 7587 7.1 */
export function openOpus(payload: SdpPayload, { track, sink }: PayloadOptions): Payload {
  const { clockRateHz, payloadType, parameters } = payload;
  if (clockRateHz !== 48_000) return { unsupported: `Opus with a clock of ${clockRateHz} Hz` };
  const channels = parameters.get('sprop-stereo') === '0' ? 1 : 2;
  const depacketizer = openOpusDepacketizer({ track, sink, clockRateHz, channels });
  return { depacketizer, payloadType, clockRateHz, description: toOpusTrack(channels) };
}

/** Explicit lengths win over those of the mode; neither means AAC-hbr, which is what cameras that say nothing send. */
function toWidths({ parameters }: SdpPayload): AuHeaderWidths | undefined {
  const mode = parameters.get('mode')?.toLowerCase() ?? 'aac-hbr';
  const stated = (name: string): number | undefined => {
    const value = parameters.get(name);
    return value !== undefined && /^\d{1,2}$/.test(value) ? Number(value) : undefined;
  };
  const extras = ['ctsdeltalength', 'dtsdeltalength', 'randomaccessindication', 'streamstateindication'];
  if ([...extras, 'auxiliarydatasizelength'].some((name) => stated(name))) return undefined;
  const high = mode === 'aac-hbr' || mode === 'generic';
  if (!high && mode !== 'aac-lbr') return undefined;
  const widths = {
    sizeBits: stated('sizelength') ?? (high ? 13 : 6),
    indexBits: stated('indexlength') ?? (high ? 3 : 2),
    indexDeltaBits: stated('indexdeltalength') ?? (high ? 3 : 2),
  };
  return widths.sizeBits > 0 && Math.max(...Object.values(widths)) <= 32 ? widths : undefined;
}

function toConfig({ parameters, clockRateHz, channels }: SdpPayload): Uint8Array {
  const hex = parameters.get('config') ?? '';
  try {
    const config = parseHex(hex);
    parseAudioSpecificConfig(config);
    return config;
  } catch (error) {
    if (!(error instanceof MediaError) || error.reason === 'unsupported') throw error;
  }
  try {
    return writeAacLcConfig(clockRateHz, channels);
  } catch (error) {
    throw new MediaError('malformed', `No usable config: ${error instanceof Error ? error.message : ''}`);
  }
}
