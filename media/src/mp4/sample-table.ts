import { MediaError } from '#frame';

/** Where each sample of a track is and when, in decode order; columns of equal length, `sampleCount` of them used. */
export type SampleTable = {
  readonly sampleCount: number;
  readonly offsetBytes: Float64Array;
  readonly sizeBytes: Uint32Array;
  readonly dtsTicks: Float64Array;
  readonly durationTicks: Uint32Array;
  /** Presentation minus decode time. */
  readonly compositionTicks: Int32Array;
  /** 1 where the file says that decoding may start. */
  readonly sync: Uint8Array;
};

/** More samples than a day of pictures and sound at usual rates; what all tables of a movie may hold together. */
export const maxSamplesPerMovie = 1 << 20;

/** The allowance of samples that the tracks of one movie share. */
export type SampleBudget = { left: number };

/** Collects samples into a table that grows as they come; about 29 bytes each. */
export class SampleTableBuilder {
  readonly #budget: SampleBudget;
  #count = 0;
  #offsetBytes = new Float64Array(64);
  #sizeBytes = new Uint32Array(64);
  #dtsTicks = new Float64Array(64);
  #durationTicks = new Uint32Array(64);
  #compositionTicks = new Int32Array(64);
  #sync = new Uint8Array(64);

  constructor(budget: SampleBudget) {
    this.#budget = budget;
  }

  /** Where decode time stands: the end of the last sample. */
  get endTicks(): number {
    return this.#count === 0 ? 0 : this.#dtsTicks[this.#count - 1]! + this.#durationTicks[this.#count - 1]!;
  }

  /** One more sample. Throws `MediaError` when the movie has more than `maxSamplesPerMovie`. */
  add(sample: {
    offsetBytes: number;
    sizeBytes: number;
    dtsTicks: number;
    durationTicks: number;
    compositionTicks: number;
    sync: boolean;
  }): void {
    if (--this.#budget.left < 0) {
      throw new MediaError('too-large', `Expected at most ${maxSamplesPerMovie} samples`, sample.offsetBytes);
    }
    if (this.#count === this.#sync.length) this.#grow();
    const index = this.#count++;
    this.#offsetBytes[index] = sample.offsetBytes;
    this.#sizeBytes[index] = sample.sizeBytes;
    this.#dtsTicks[index] = sample.dtsTicks;
    this.#durationTicks[index] = sample.durationTicks;
    this.#compositionTicks[index] = sample.compositionTicks;
    this.#sync[index] = sample.sync ? 1 : 0;
  }

  /** Hands the columns over; nothing is to be added afterwards. */
  finish(): SampleTable {
    return {
      sampleCount: this.#count,
      offsetBytes: this.#offsetBytes,
      sizeBytes: this.#sizeBytes,
      dtsTicks: this.#dtsTicks,
      durationTicks: this.#durationTicks,
      compositionTicks: this.#compositionTicks,
      sync: this.#sync,
    };
  }

  #grow(): void {
    const length = Math.min(this.#sync.length * 2, maxSamplesPerMovie);
    const grown = <T extends Float64Array | Uint32Array | Int32Array | Uint8Array>(column: T, into: T): T => {
      into.set(column);
      return into;
    };
    this.#offsetBytes = grown(this.#offsetBytes, new Float64Array(length));
    this.#sizeBytes = grown(this.#sizeBytes, new Uint32Array(length));
    this.#dtsTicks = grown(this.#dtsTicks, new Float64Array(length));
    this.#durationTicks = grown(this.#durationTicks, new Uint32Array(length));
    this.#compositionTicks = grown(this.#compositionTicks, new Int32Array(length));
    this.#sync = grown(this.#sync, new Uint8Array(length));
  }
}
