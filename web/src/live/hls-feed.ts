import type Hls from 'hls.js';
import { urlOf } from '../api.ts';
import type { Feed, FeedOptions } from './feed.ts';

const behindMs = 12_000;
const aheadMs = 6 * 3_600_000;

/** The growing end of the recording, for browsers and networks that take nothing else. Some seconds behind. */
export function openHlsFeed({ camera, stream, video, onFailure }: FeedOptions): Feed {
  const nowMs = Date.now();
  const url = urlOf('getPlaylist', {
    params: { id: camera },
    query: { from: nowMs - behindMs, to: nowMs + aheadMs, stream },
  });
  let hls: Hls | undefined;
  let closed = false;
  const play = (): void => void video.play().catch(() => undefined);
  const start = async (): Promise<void> => {
    const { default: HlsClass } = await import('hls.js');
    if (closed) return;
    if (!HlsClass.isSupported()) {
      video.src = url;
      video.onerror = () => onFailure('decode-failed');
      return play();
    }
    hls = new HlsClass({
      enableWorker: false,
      liveSyncDurationCount: 1,
      liveMaxLatencyDurationCount: 5,
      backBufferLength: 10,
    });
    hls.on(HlsClass.Events.ERROR, (_event, { fatal, type }) => {
      if (fatal) onFailure(type === HlsClass.ErrorTypes.MEDIA_ERROR ? 'decode-failed' : 'unavailable');
    });
    hls.on(HlsClass.Events.MANIFEST_PARSED, play);
    hls.loadSource(url);
    hls.attachMedia(video);
  };
  start().catch(() => onFailure('unavailable'));
  return {
    element: video,
    stats: async () => (hls && hls.latency > 0 ? { lagMs: Math.round(hls.latency * 1000) } : {}),
    goLive() {
      if (hls?.liveSyncPosition != null) video.currentTime = hls.liveSyncPosition;
      play();
    },
    close() {
      closed = true;
      hls?.destroy();
      video.removeAttribute('src');
      video.load();
    },
  };
}
