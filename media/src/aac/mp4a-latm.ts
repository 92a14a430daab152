import { BitReader, concatBytes, equalBytes } from '#bytes';
import { MediaError } from '#frame';
import type { DepacketizerOptions, RtpDepacketizer } from '#rtp';
import { parseAudioSpecificConfig, toAacTrack } from './audio-specific-config.ts';
import { copyBits, parseStreamMuxConfig, readStreamMuxConfig, type StreamMuxConfig } from './stream-mux-config.ts';

export type LatmOptions = DepacketizerOptions & {
  /** StreamMuxConfig from the fmtp `config`; needed when `inBand` is false. */
  readonly muxConfig: Uint8Array | undefined;
  /** fmtp `cpresent`: the configuration travels in the stream. */
  readonly inBand: boolean;
};

const maxElementBytes = 65_535;

/**
 * AAC as MP4A-LATM: one audioMuxElement over one or more packets, the marker on its last.
 * Access units are copied where LATM does not put them on whole bytes, views otherwise.
 * @see RFC 6416 6, ISO/IEC 14496-3 1.7.3
 */
export function openLatmDepacketizer(options: LatmOptions): RtpDepacketizer {
  return new Latm(options);
}

class Latm implements RtpDepacketizer {
  readonly #options: LatmOptions;
  #mux: StreamMuxConfig | undefined;
  #unitTicks = 0;
  #announced = false;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  #partsTicks = 0;
  /** After a loss or an oversized element: wait for the next marker. */
  #skipping = false;

  constructor(options: LatmOptions) {
    this.#options = options;
    if (options.muxConfig) this.#use(parseStreamMuxConfig(options.muxConfig));
    else if (!options.inBand) throw new TypeError('Expected `muxConfig` when the configuration is not in the stream');
  }

  push(payload: Uint8Array, ptsTicks: number, marker: boolean): void {
    if (this.#skipping) {
      this.#skipping = !marker;
      return;
    }
    if (this.#parts.length > 0 && this.#partsTicks !== ptsTicks) this.flush();
    this.#parts.push(payload);
    this.#partsBytes += payload.length;
    this.#partsTicks = ptsTicks;
    if (this.#partsBytes > maxElementBytes) {
      this.#drop();
      this.#skipping = !marker;
      this.#damage('oversized', 1);
      return;
    }
    if (!marker) return;
    const element = this.#parts.length === 1 ? payload : concatBytes(this.#parts);
    this.#drop();
    this.#tryTake(element, ptsTicks);
  }

  lost(packets: number): void {
    this.#skipping ||= this.#parts.length > 0;
    this.#drop();
    this.#damage('packets-lost', packets);
  }

  flush(): void {
    if (this.#parts.length === 0) return;
    const element = concatBytes(this.#parts);
    this.#drop();
    this.#tryTake(element, this.#partsTicks);
  }

  #tryTake(element: Uint8Array, ptsTicks: number): void {
    try {
      this.#take(element, ptsTicks);
    } catch (error) {
      if (!(error instanceof MediaError)) throw error;
      this.#damage('malformed', 1);
    }
  }

  #take(element: Uint8Array, ptsTicks: number): void {
    const reader = new BitReader(element);
    if (this.#options.inBand && !reader.flag()) this.#use(readStreamMuxConfig(reader, element));
    const mux = this.#mux;
    if (!mux) return this.#damage('missing-parameter-sets', 1);
    const units: Uint8Array[] = [];
    for (let index = 0; index < mux.subFrames; index++) {
      const sizeBytes = readPayloadLength(reader);
      const start = reader.position;
      reader.skip(sizeBytes * 8);
      if (sizeBytes === 0) continue;
      const aligned = start % 8 === 0;
      units.push(
        aligned ? element.subarray(start / 8, start / 8 + sizeBytes) : copyBits(element, start, sizeBytes * 8),
      );
    }
    const { track, sink, clockRateHz } = this.#options;
    if (!this.#announced) sink.onTrack(track, toAacTrack(mux.config, clockRateHz));
    this.#announced = true;
    units.forEach((data, index) => {
      const durationTicks = this.#unitTicks;
      sink.onFrame({ kind: 'audio', track, ptsTicks: ptsTicks + index * durationTicks, durationTicks, data });
    });
  }

  #use(mux: StreamMuxConfig): void {
    if (this.#mux && equalBytes(this.#mux.config, mux.config) && this.#mux.subFrames === mux.subFrames) return;
    const { frameSamples, sampleRateHz } = parseAudioSpecificConfig(mux.config);
    this.#announced &&= this.#mux !== undefined && equalBytes(this.#mux.config, mux.config);
    this.#mux = mux;
    this.#unitTicks = Math.round((frameSamples * this.#options.clockRateHz) / sampleRateHz);
  }

  #drop(): void {
    this.#parts = [];
    this.#partsBytes = 0;
  }

  #damage(reason: 'malformed' | 'packets-lost' | 'oversized' | 'missing-parameter-sets', count: number): void {
    const { track, sink } = this.#options;
    sink.onDamage({ kind: 'damage', track, reason, count });
  }
}

/** PayloadLengthInfo: bytes of 255 and one below. @see ISO/IEC 14496-3 1.7.3.1 */
function readPayloadLength(reader: BitReader): number {
  let sizeBytes = 0;
  for (;;) {
    const byte = reader.read(8);
    sizeBytes += byte;
    if (byte !== 255) return sizeBytes;
  }
}
