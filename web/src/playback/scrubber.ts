import type { StreamName } from '@porchlight/contract/camera';
import { urlOf } from '../api.ts';
import { openKeyDecoder, type Still } from './key-decoder.ts';

/** Shows key frames while a finger moves over the timeline. */
export type Scrubber = {
  /** Shows the key picture at or before a time as soon as there is one; what was asked before is forgotten. */
  show(wallMs: number): void;
  close(): void;
};

const cacheSize = 80;

/**
 * One request in flight, the newest wish wins, and while there is no wish the neighbours are fetched ahead.
 * `stepMs` is the time between key pictures; times within one step share a picture.
 */
export function openScrubber(options: {
  readonly camera: string;
  readonly stream: StreamName | undefined;
  readonly canvas: HTMLCanvasElement;
  readonly stepMs: number;
}): Scrubber {
  const { camera, stream, canvas, stepMs } = options;
  const decoder = openKeyDecoder();
  const stills = new Map<number, Still>();
  const missing = new Set<number>();
  let wanted: number | undefined;
  let direction = 1;
  let busy = false;
  let closed = false;

  const paint = (still: Still): void => {
    if (canvas.width !== still.widthPx) canvas.width = still.widthPx;
    if (canvas.height !== still.heightPx) canvas.height = still.heightPx;
    canvas.getContext('2d', { alpha: false })?.drawImage(still.image, 0, 0);
    canvas.dataset['shown'] = 'true';
    performance.mark('porchlight:scrub-picture');
  };
  const keep = (step: number, still: Still): void => {
    stills.set(step, still);
    for (const [oldest, old] of stills) {
      if (stills.size <= cacheSize) break;
      old.image.close();
      stills.delete(oldest);
    }
  };
  const fetchStep = async (step: number): Promise<void> => {
    const query = { at: Math.round((step + 0.5) * stepMs), stream };
    const response = await fetch(urlOf('getKeyFrame', { params: { id: camera }, query }));
    const still = response.ok ? await decoder.decode(new Uint8Array(await response.arrayBuffer())) : undefined;
    if (!still) missing.add(step);
    else if (closed) still.image.close();
    else keep(step, still);
  };
  const nextStep = (): number | undefined => {
    if (wanted === undefined) return undefined;
    const near = [wanted, wanted + direction, wanted + 2 * direction, wanted - direction];
    return near.find((step) => !stills.has(step) && !missing.has(step));
  };
  const work = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    for (let step = nextStep(); step !== undefined && !closed; step = nextStep()) {
      await fetchStep(step).catch(() => missing.add(step ?? 0));
      const still = stills.get(step);
      if (still && step === wanted && !closed) paint(still);
    }
    busy = false;
  };
  return {
    show(wallMs) {
      const step = Math.floor(wallMs / stepMs);
      if (step === wanted) return;
      if (wanted !== undefined) direction = step > wanted ? 1 : -1;
      wanted = step;
      const still = stills.get(step);
      if (still) paint(still);
      void work();
    },
    close() {
      closed = true;
      wanted = undefined;
      for (const { image } of stills.values()) image.close();
      stills.clear();
      decoder.close();
      delete canvas.dataset['shown'];
    },
  };
}
