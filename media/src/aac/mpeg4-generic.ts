import { BitReader, concatBytes } from '#bytes';
import { MediaError } from '#frame';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import { parseAudioSpecificConfig, toAacTrack } from './audio-specific-config.ts';
import { stripAdts } from './adts.ts';

/** Bit widths of the AU headers, from fmtp. @see RFC 3640 4.1 */
export type AuHeaderWidths = {
  readonly sizeBits: number;
  readonly indexBits: number;
  readonly indexDeltaBits: number;
};

export type Mpeg4GenericOptions = DepacketizerOptions & {
  /** AudioSpecificConfig. */
  readonly config: Uint8Array;
  readonly widths: AuHeaderWidths;
};

/** More access units than any packet of sound holds. */
const maxUnits = 256;
const maxUnitBytes = 65_535;

type Fragment = { readonly ptsTicks: number; readonly sizeBytes: number; parts: Uint8Array[]; haveBytes: number };

/**
 * AAC as MPEG4-GENERIC: several access units in a packet, or one over several packets. Whole units are views.
 * Interleaving (an index other than 0) is refused as damage. ADTS headers, which some cameras leave in, are taken off.
 * @see RFC 3640 3.2, 3.3.6
 */
export function openMpeg4GenericDepacketizer(options: Mpeg4GenericOptions): RtpDepacketizer {
  return new Mpeg4Generic(options);
}

class Mpeg4Generic implements RtpDepacketizer {
  readonly #options: Mpeg4GenericOptions;
  readonly #unitTicks: number;
  #fragment: Fragment | undefined;
  #announced = false;

  constructor(options: Mpeg4GenericOptions) {
    const { frameSamples, sampleRateHz } = parseAudioSpecificConfig(options.config);
    this.#options = options;
    this.#unitTicks = Math.round((frameSamples * options.clockRateHz) / sampleRateHz);
  }

  push(payload: Uint8Array, ptsTicks: number, marker: boolean): void {
    try {
      this.#take(payload, ptsTicks, marker);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#fragment = undefined;
      this.#damage('malformed', 1);
    }
  }

  lost(packets: number): void {
    this.#fragment = undefined;
    this.#damage('packets-lost', packets);
  }

  flush(): void {
    if (this.#fragment) this.#damage('malformed', 1);
    this.#fragment = undefined;
  }

  #take(payload: Uint8Array, ptsTicks: number, marker: boolean): void {
    const { sizes, dataStart } = readAuHeaders(payload, this.#options.widths);
    const data = payload.subarray(dataStart);
    if (sizes.length === 1 && sizes[0]! > data.length) return this.#takeFragment(data, ptsTicks, sizes[0]!, marker);
    if (this.#fragment?.ptsTicks === ptsTicks && sizes.length === 1 && sizes[0] === data.length) {
      return this.#takeFragment(data, ptsTicks, sizes[0], marker);
    }
    this.flush();
    let offset = 0;
    for (let index = 0; index < sizes.length; index++) {
      const end = offset + sizes[index]!;
      if (end > data.length) throw new MediaError('truncated', 'Access units longer than their packet', offset);
      this.#deliver(data.subarray(offset, end), ptsTicks + index * this.#unitTicks);
      offset = end;
    }
  }

  #takeFragment(data: Uint8Array, ptsTicks: number, sizeBytes: number, marker: boolean): void {
    if (this.#fragment && (this.#fragment.ptsTicks !== ptsTicks || this.#fragment.sizeBytes !== sizeBytes))
      this.flush();
    if (sizeBytes > maxUnitBytes) throw new MediaError('too-large', `Access unit of ${sizeBytes} bytes`);
    const fragment = (this.#fragment ??= { ptsTicks, sizeBytes, parts: [], haveBytes: 0 });
    fragment.haveBytes += data.length;
    if (data.length > 0) fragment.parts.push(data);
    if (fragment.haveBytes > sizeBytes) throw new MediaError('malformed', 'Fragments longer than their access unit');
    if (fragment.haveBytes < sizeBytes) {
      if (marker) this.flush();
      return;
    }
    this.#fragment = undefined;
    this.#deliver(concatBytes(fragment.parts), ptsTicks);
  }

  #deliver(unit: Uint8Array, ptsTicks: number): void {
    const { track, sink, config, clockRateHz } = this.#options;
    const data = stripAdts(unit);
    if (data.length === 0) return this.#damage('malformed', 1);
    if (!this.#announced) sink.onTrack(track, toAacTrack(config, clockRateHz));
    this.#announced = true;
    sink.onFrame({ kind: 'audio', track, ptsTicks, durationTicks: this.#unitTicks, data });
  }

  #damage(reason: 'malformed' | 'packets-lost', count: number): void {
    const { track, sink } = this.#options;
    sink.onDamage({ kind: 'damage', track, reason, count });
  }
}

/** The AU header section: its length in bits, then a size and an index for each unit. @see RFC 3640 3.2.1 */
function readAuHeaders(payload: Uint8Array, widths: AuHeaderWidths): { sizes: number[]; dataStart: number } {
  if (payload.length < 2) throw new MediaError('truncated', 'Expected the AU header section');
  const headerBits = (payload[0]! << 8) | payload[1]!;
  const dataStart = 2 + Math.ceil(headerBits / 8);
  if (headerBits === 0 || dataStart > payload.length) throw new MediaError('malformed', 'Impossible AU header section');
  const reader = new BitReader(payload.subarray(2, dataStart));
  const sizes: number[] = [];
  while (reader.position < headerBits) {
    const indexBits = sizes.length === 0 ? widths.indexBits : widths.indexDeltaBits;
    if (reader.position + widths.sizeBits + indexBits > headerBits) break;
    const size = reader.read(widths.sizeBits);
    if (reader.read(indexBits) !== 0) throw new MediaError('unsupported', 'Interleaved access units');
    if (size === 0) throw new MediaError('malformed', 'Empty access unit');
    if (sizes.push(size) > maxUnits) throw new MediaError('too-large', `More than ${maxUnits} access units`);
  }
  if (sizes.length === 0) throw new MediaError('malformed', 'AU header section without a header');
  return { sizes, dataStart };
}
