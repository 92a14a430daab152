import type { AudioFrame, AudioTrack } from '#frame';
import { decodeG711, type G711Codec } from '#g711';
import { writeFlacFrame, writeStreamInfo } from './flac-frame.ts';

export type G711ToFlacOptions = {
  readonly codec: G711Codec;
  /** Also the clock of the frames' ticks. */
  readonly sampleRateHz: number;
  readonly channels: number;
};

/** Turns G.711 frames into FLAC frames of the same sound, sample for sample. */
export type G711ToFlac = {
  /** The track of what comes out. */
  readonly track: AudioTrack;
  /** FLAC frames that became complete; none or several. The input is copied. */
  push(frame: AudioFrame): AudioFrame[];
  /** What is left as a shorter last frame. */
  flush(): AudioFrame[];
};

/** A frame that begins this far from where the last one ended starts anew at its own time. */
const toleranceSeconds = 0.02;
/** Longest FLAC frame, as latency. */
const maxBlockSeconds = 0.1;

/**
 * Opens a lossless converter. Frames hold a power of two of samples, at most 100 ms (512 at 8 kHz); after a gap, or a step
 * back, of more than 20 ms the samples held go out as a shorter frame and the next begins at its own `ptsTicks`.
 * @see RFC 9639
 */
export function openG711ToFlac(options: G711ToFlacOptions): G711ToFlac {
  const { sampleRateHz, channels } = options;
  if (!(channels >= 1 && channels <= 8)) throw new TypeError(`Expected 1 to 8 channels, got ${channels}`);
  if (!(sampleRateHz >= 1000 && sampleRateHz <= 96_000)) {
    throw new TypeError(`Expected a sample rate of 1000 to 96000 Hz, got ${sampleRateHz}`);
  }
  return new Converter(options);
}

class Converter implements G711ToFlac {
  readonly track: AudioTrack;
  readonly #options: G711ToFlacOptions;
  readonly #block: Int16Array[];
  readonly #blockSamples: number;
  #filled = 0;
  #startTicks = 0;
  #firstTicks: number | undefined;
  #trackIndex = 0;

  constructor(options: G711ToFlacOptions) {
    const { sampleRateHz, channels } = options;
    this.#options = options;
    this.#blockSamples = 2 ** Math.floor(Math.log2(sampleRateHz * maxBlockSeconds));
    this.#block = Array.from({ length: channels }, () => new Int16Array(this.#blockSamples));
    this.track = {
      kind: 'audio',
      codec: 'flac',
      clockRateHz: sampleRateHz,
      sampleRateHz,
      channels,
      config: writeStreamInfo({ sampleRateHz, channels, maxBlockSamples: this.#blockSamples }),
      codecString: 'flac',
    };
  }

  push(frame: AudioFrame): AudioFrame[] {
    const { codec, sampleRateHz, channels } = this.#options;
    const expected = this.#startTicks + this.#filled;
    const jumps = Math.abs(frame.ptsTicks - expected) > sampleRateHz * toleranceSeconds;
    const out = this.#firstTicks !== undefined && jumps ? this.flush() : [];
    if (this.#firstTicks === undefined || jumps) this.#startTicks = frame.ptsTicks;
    this.#firstTicks ??= frame.ptsTicks;
    this.#trackIndex = frame.track;
    const samples = decodeG711(codec, frame.data);
    const count = Math.floor(samples.length / channels);
    for (let at = 0; at < count;) {
      const take = Math.min(count - at, this.#blockSamples - this.#filled);
      for (let channel = 0; channel < channels; channel++) {
        const block = this.#block[channel]!;
        for (let index = 0; index < take; index++)
          block[this.#filled + index] = samples[(at + index) * channels + channel]!;
      }
      this.#filled += take;
      at += take;
      if (this.#filled === this.#blockSamples) out.push(this.#writeBlock());
    }
    return out;
  }

  flush(): AudioFrame[] {
    return this.#filled > 0 ? [this.#writeBlock()] : [];
  }

  #writeBlock(): AudioFrame {
    const durationTicks = this.#filled;
    const channels = this.#block.map((block) => block.subarray(0, durationTicks));
    const firstSample = Math.max(0, this.#startTicks - this.#firstTicks!);
    const data = writeFlacFrame(channels, { sampleRateHz: this.#options.sampleRateHz, firstSample });
    const frame: AudioFrame = {
      kind: 'audio',
      track: this.#trackIndex,
      ptsTicks: this.#startTicks,
      durationTicks,
      data,
    };
    this.#startTicks += durationTicks;
    this.#filled = 0;
    return frame;
  }
}
