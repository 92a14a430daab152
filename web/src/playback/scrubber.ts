import type { StreamName } from '@porchlight/contract/camera';
import { urlOf } from '../api.ts';
import { openKeyDecoder, type Decoded, type KeyDecoder } from './key-decoder.ts';
import { openStillCache, toShownSize } from './still-cache.ts';

/** Shows key frames while a finger moves over the timeline. */
export type Scrubber = {
  /**
   * Shows the key picture at or before a time as soon as there is one; what was asked before is forgotten. `alone` fetches no neighbours:
   * the finger has been lifted, and the player needs the machine now.
   */
  show(wallMs: number, options?: { alone: boolean }): void;
  close(): void;
};

export type ScrubberOptions = {
  readonly camera: string;
  readonly stream: StreamName | undefined;
  /** Lies in an element of the size at which pictures are shown. */
  readonly canvas: HTMLCanvasElement;
  /** Time between key pictures; times within one step share a picture. */
  readonly stepMs: number;
};

const mostCachedBytes = 64 * 1024 * 1024;

/** The newest wish goes first; while there is none the neighbours are fetched ahead, and left at once for a new wish. */
export function openScrubber(options: ScrubberOptions): Scrubber {
  return new KeyScrubber(options);
}

type SizedBitmap = { readonly image: ImageBitmap; readonly widthPx: number; readonly heightPx: number };

class KeyScrubber implements Scrubber {
  readonly #options: ScrubberOptions;
  readonly #decoder: KeyDecoder = openKeyDecoder();
  readonly #stills = openStillCache<SizedBitmap>(mostCachedBytes);
  readonly #missing = new Set<number>();
  #wanted: number | undefined;
  #direction = 1;
  #alone = false;
  #busy = false;
  #closed = false;
  /** The neighbour being fetched while there is no wish. */
  #ahead: { readonly step: number; readonly leaving: AbortController } | undefined;

  constructor(options: ScrubberOptions) {
    this.#options = options;
  }

  show(wallMs: number, { alone } = { alone: false }): void {
    const step = Math.floor(wallMs / this.#options.stepMs);
    this.#alone = alone;
    if (alone) this.#leaveNeighbour(step);
    if (step === this.#wanted) return;
    if (this.#wanted !== undefined) this.#direction = step > this.#wanted ? 1 : -1;
    this.#wanted = step;
    performance.mark('porchlight:scrub-step');
    const still = this.#stills.get(step);
    if (still) this.#paint(still.image, still, step);
    else this.#leaveNeighbour(step);
    void this.#work();
  }

  #leaveNeighbour(step: number): void {
    if (this.#ahead && this.#ahead.step !== step) this.#ahead.leaving.abort();
  }

  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let step = this.#next(); step !== undefined && !this.#closed; step = this.#next()) {
      const leaving = new AbortController();
      this.#ahead = step === this.#wanted ? undefined : { step, leaving };
      const asked = step;
      await this.#fetch(asked, leaving.signal).catch(() => !leaving.signal.aborted && this.#missing.add(asked));
    }
    this.#ahead = undefined;
    this.#busy = false;
  }

  #next(): number | undefined {
    const wanted = this.#wanted;
    if (wanted === undefined) return undefined;
    const neighbours = [this.#direction, 2 * this.#direction, -this.#direction].map((by) => wanted + by);
    const near = this.#alone ? [wanted] : [wanted, ...neighbours];
    return near.find((step) => !this.#stills.has(step) && !this.#missing.has(step));
  }

  async #fetch(step: number, signal: AbortSignal): Promise<void> {
    const { camera, stream, stepMs } = this.#options;
    const query = { at: Math.round((step + 0.5) * stepMs), stream };
    const response = await fetch(urlOf('getKeyFrame', { params: { id: camera }, query }), { signal });
    const bytes = response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    const decoded = bytes && (await this.#decoder.decode(bytes));
    if (!decoded) return void this.#missing.add(step);
    try {
      await this.#take(step, decoded);
    } finally {
      decoded.close();
    }
  }

  /** Shows it first and makes the copy that is kept afterwards. A neighbour that came while the wish moved on is kept only. */
  async #take(step: number, decoded: Decoded): Promise<void> {
    if (this.#closed) return;
    const size = this.#toSize(decoded);
    const wished = step === this.#wanted || (this.#ahead === undefined && !this.#stills.has(this.#wanted ?? step));
    if (wished) this.#paint(decoded.source, size, step);
    const resize = { resizeWidth: size.widthPx, resizeHeight: size.heightPx, resizeQuality: 'low' } as const;
    const image = await createImageBitmap(decoded.source, resize);
    if (this.#closed) image.close();
    else this.#stills.keep(step, { image, ...size });
  }

  #toSize(picture: Decoded): { widthPx: number; heightPx: number } {
    const { clientWidth = 0, clientHeight = 0 } = this.#options.canvas.parentElement ?? {};
    const scale = globalThis.devicePixelRatio;
    return toShownSize(picture, { widthPx: clientWidth * scale, heightPx: clientHeight * scale });
  }

  #paint(source: CanvasImageSource, size: { widthPx: number; heightPx: number }, step: number): void {
    const { canvas } = this.#options;
    if (canvas.width !== size.widthPx) canvas.width = size.widthPx;
    if (canvas.height !== size.heightPx) canvas.height = size.heightPx;
    canvas.getContext('2d', { alpha: false })?.drawImage(source, 0, 0, size.widthPx, size.heightPx);
    canvas.dataset['shown'] = 'true';
    if (step === this.#wanted) performance.mark('porchlight:scrub-picture');
  }

  close(): void {
    this.#closed = true;
    this.#wanted = undefined;
    this.#ahead?.leaving.abort();
    this.#stills.clear();
    this.#decoder.close();
    delete this.#options.canvas.dataset['shown'];
  }
}
