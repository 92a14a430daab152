import { toFailure, urlOf } from '../api.ts';
import type { Feed, FeedOptions } from './feed.ts';

const periodMs = 1000;
const failuresAllowed = 3;

/** One picture a second; the last resort, for any browser that shows a JPEG. */
export function openStillsFeed({ camera, stream, onFailure, onPicture }: FeedOptions): Feed {
  const image = new Image();
  image.alt = '';
  const leaving = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let bytesReceived = 0;
  let address: string | undefined;
  const load = async (): Promise<void> => {
    const url = urlOf('getSnapshot', { params: { id: camera }, query: { stream } });
    const response = await fetch(url, { cache: 'no-store', signal: leaving.signal });
    if (!response.ok) throw await toFailure(response);
    const picture = await response.blob();
    bytesReceived += picture.size;
    const fresh = URL.createObjectURL(picture);
    image.src = fresh;
    await image.decode();
    if (address !== undefined) URL.revokeObjectURL(address);
    address = fresh;
  };
  const turn = async (): Promise<void> => {
    const startedMs = performance.now();
    try {
      if (!document.hidden) {
        await load();
        failures = 0;
        onPicture();
      }
    } catch (failure) {
      if (leaving.signal.aborted) return;
      const reason = (failure as { error?: { reason?: string } }).error?.reason ?? 'unavailable';
      if (++failures >= failuresAllowed) return onFailure(reason);
    }
    if (!leaving.signal.aborted)
      timer = setTimeout(() => void turn(), Math.max(50, periodMs - (performance.now() - startedMs)));
  };
  void turn();
  return {
    element: image,
    stats: async () => ({ bytesReceived }),
    goLive: () => undefined,
    close() {
      leaving.abort();
      clearTimeout(timer);
      if (address !== undefined) URL.revokeObjectURL(address);
    },
  };
}
