/** Copies what an element shows into a canvas; false when it shows nothing yet. */
export function drawPicture(from: HTMLElement | undefined, canvas: HTMLCanvasElement | null): boolean {
  if (!canvas) return false;
  const isVideo = from instanceof HTMLVideoElement;
  if (!isVideo && !(from instanceof HTMLImageElement)) return false;
  const widthPx = isVideo ? from.videoWidth : from.naturalWidth;
  const heightPx = isVideo ? from.videoHeight : from.naturalHeight;
  if (widthPx === 0) return false;
  canvas.width = widthPx;
  canvas.height = heightPx;
  canvas.getContext('2d')?.drawImage(from, 0, 0);
  return true;
}

/** What an element shows, as a JPEG; undefined when it shows nothing yet. */
export async function toJpeg(from: HTMLElement | undefined): Promise<Blob | undefined> {
  const canvas = document.createElement('canvas');
  if (!drawPicture(from, canvas)) return undefined;
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', 0.92));
}

/** Saves bytes under a name, as a click on a link would. */
export function saveBlob(blob: Blob, fileName: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
