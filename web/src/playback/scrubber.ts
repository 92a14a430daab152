import type { StreamName } from '@porchlight/contract/camera';
import { urlOf } from '../api.ts';
import { openKeyDecoder, type KeyDecoder, type Still } from './key-decoder.ts';

/** Shows key frames while a finger moves over the timeline. */
export type Scrubber = {
  /** Shows the key picture at or before a time as soon as there is one; what was asked before is forgotten. */
  show(wallMs: number): void;
  close(): void;
};

export type ScrubberOptions = {
  readonly camera: string;
  readonly stream: StreamName | undefined;
  readonly canvas: HTMLCanvasElement;
  /** Time between key pictures; times within one step share a picture. */
  readonly stepMs: number;
};

const cacheSize = 80;

/** One request in flight, the newest wish wins, and while there is no wish the neighbours are fetched ahead. */
export function openScrubber(options: ScrubberOptions): Scrubber {
  return new KeyScrubber(options);
}

class KeyScrubber implements Scrubber {
  readonly #options: ScrubberOptions;
  readonly #decoder: KeyDecoder = openKeyDecoder();
  readonly #stills = new Map<number, Still>();
  readonly #missing = new Set<number>();
  #wanted: number | undefined;
  #direction = 1;
  #busy = false;
  #closed = false;

  constructor(options: ScrubberOptions) {
    this.#options = options;
  }

  show(wallMs: number): void {
    const step = Math.floor(wallMs / this.#options.stepMs);
    if (step === this.#wanted) return;
    if (this.#wanted !== undefined) this.#direction = step > this.#wanted ? 1 : -1;
    this.#wanted = step;
    performance.mark('porchlight:scrub-step');
    const still = this.#stills.get(step);
    if (still) this.#paint(still);
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let step = this.#next(); step !== undefined && !this.#closed; step = this.#next()) {
      const asked = step;
      await this.#fetch(asked).catch(() => this.#missing.add(asked));
      const still = this.#stills.get(asked);
      if (still && asked === this.#wanted && !this.#closed) this.#paint(still);
    }
    this.#busy = false;
  }

  #next(): number | undefined {
    const wanted = this.#wanted;
    if (wanted === undefined) return undefined;
    const near = [wanted, wanted + this.#direction, wanted + 2 * this.#direction, wanted - this.#direction];
    return near.find((step) => !this.#stills.has(step) && !this.#missing.has(step));
  }

  async #fetch(step: number): Promise<void> {
    const { camera, stream, stepMs } = this.#options;
    const query = { at: Math.round((step + 0.5) * stepMs), stream };
    const response = await fetch(urlOf('getKeyFrame', { params: { id: camera }, query }));
    const bytes = response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    const still = bytes && (await this.#decoder.decode(bytes));
    if (!still) this.#missing.add(step);
    else if (this.#closed) still.image.close();
    else this.#keep(step, still);
  }

  #keep(step: number, still: Still): void {
    this.#stills.set(step, still);
    for (const [oldest, old] of this.#stills) {
      if (this.#stills.size <= cacheSize) break;
      old.image.close();
      this.#stills.delete(oldest);
    }
  }

  #paint(still: Still): void {
    const { canvas } = this.#options;
    if (canvas.width !== still.widthPx) canvas.width = still.widthPx;
    if (canvas.height !== still.heightPx) canvas.height = still.heightPx;
    canvas.getContext('2d', { alpha: false })?.drawImage(still.image, 0, 0);
    canvas.dataset['shown'] = 'true';
    performance.mark('porchlight:scrub-picture');
  }

  close(): void {
    this.#closed = true;
    this.#wanted = undefined;
    for (const { image } of this.#stills.values()) image.close();
    this.#stills.clear();
    this.#decoder.close();
    delete this.#options.canvas.dataset['shown'];
  }
}
