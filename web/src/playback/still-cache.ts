/** A picture made for the screen; the cache closes it when it goes. */
export type Still = { readonly image: { close(): void }; readonly widthPx: number; readonly heightPx: number };

/** Pictures by step, the ones not looked at for longest go first. Bounded by bytes, not by number: a picture has four for each pixel. */
export type StillCache<T extends Still> = {
  /** Counts as looking at it. */
  get(step: number): T | undefined;
  has(step: number): boolean;
  /** Takes ownership; the newest stays whatever its size. */
  keep(step: number, still: T): void;
  readonly sizeBytes: number;
  clear(): void;
};

const bytesPerPixel = 4;
const toBytes = ({ widthPx, heightPx }: Still): number => widthPx * heightPx * bytesPerPixel;

export function openStillCache<T extends Still>(mostBytes: number): StillCache<T> {
  const stills = new Map<number, T>();
  let sizeBytes = 0;
  const drop = (step: number): void => {
    const still = stills.get(step);
    if (!still) return;
    stills.delete(step);
    sizeBytes -= toBytes(still);
    still.image.close();
  };
  return {
    get(step) {
      const still = stills.get(step);
      if (!still) return undefined;
      stills.delete(step);
      stills.set(step, still);
      return still;
    },
    has: (step) => stills.has(step),
    keep(step, still) {
      drop(step);
      stills.set(step, still);
      sizeBytes += toBytes(still);
      for (const oldest of stills.keys()) {
        if (sizeBytes <= mostBytes || oldest === step) break;
        drop(oldest);
      }
    },
    get sizeBytes() {
      return sizeBytes;
    },
    clear() {
      for (const step of [...stills.keys()]) drop(step);
    },
  };
}

/** The largest size of the picture's own shape that fills the box and is no larger than the picture. Device pixels. */
export function toShownSize(
  picture: { readonly widthPx: number; readonly heightPx: number },
  box: { readonly widthPx: number; readonly heightPx: number },
): { widthPx: number; heightPx: number } {
  const share = Math.min(1, box.widthPx / picture.widthPx, box.heightPx / picture.heightPx);
  const size = (px: number): number => Math.max(1, Math.round(px * (share > 0 ? share : 1)));
  return { widthPx: size(picture.widthPx), heightPx: size(picture.heightPx) };
}
