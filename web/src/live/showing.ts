import type { Feed, FeedOptions, FeedStats } from './feed.ts';
import { openHlsFeed } from './hls-feed.ts';
import type { Path, Rung } from './ladder.ts';
import { openMseFeed } from './mse-feed.ts';
import { openStillsFeed } from './stills-feed.ts';
import { openWebrtcFeed } from './webrtc-feed.ts';

const open: Record<Path, (options: FeedOptions) => Feed> = {
  webrtc: openWebrtcFeed,
  mse: openMseFeed,
  hls: openHlsFeed,
  stills: openStillsFeed,
};

/** How long a path may take to its first picture, and how long it may stand still after it. */
const patienceMs: Record<Path, { first: number; next: number }> = {
  webrtc: { first: 5_000, next: 5_000 },
  mse: { first: 6_000, next: 6_000 },
  hls: { first: 12_000, next: 12_000 },
  stills: { first: 6_000, next: 15_000 },
};

export type Showing = {
  readonly rung: Rung;
  readonly element: HTMLElement;
  readonly video: HTMLVideoElement;
  /** Called every second by its owner: a picture that does not come, or stands still, is a failure. */
  watch(nowMs: number): void;
  /** A pause that was nobody's fault (hidden page): counting starts anew. */
  excuse(nowMs: number): void;
  stats(): Promise<FeedStats & { firstPictureMs?: number; widthPx: number; heightPx: number; fps?: number }>;
  goLive(): void;
  close(): void;
};

/** One rung being shown: a feed, its video element, and a watch over its pictures. */
export function openShowing(options: {
  readonly camera: string;
  readonly rung: Rung;
  readonly sound: boolean;
  readonly muted: boolean;
  readonly onFirst: (showing: Showing) => void;
  readonly onFailure: (showing: Showing, reason: string) => void;
}): Showing {
  const { camera, rung } = options;
  const video = createVideo(options.muted);
  const openedMs = performance.now();
  const pictures: number[] = [];
  let lastMs = openedMs;
  let firstMs: number | undefined;
  let over = false;
  const fail = (reason: string): void => {
    if (!over) queueMicrotask(() => options.onFailure(showing, reason));
    over = true;
  };
  const onPicture = (): void => {
    lastMs = performance.now();
    if (pictures.push(lastMs) > 61) pictures.shift();
    if (firstMs !== undefined || over) return;
    firstMs = lastMs;
    markFirst(camera, rung, lastMs - openedMs);
    options.onFirst(showing);
  };
  performance.mark('porchlight:live-open', { detail: { camera, path: rung.path } });
  const feed = open[rung.path]({
    camera,
    stream: rung.stream,
    video,
    sound: options.sound,
    onFailure: fail,
    onPicture,
  });
  if (rung.path !== 'stills') watchPictures(video, onPicture, () => over);
  const showing: Showing = {
    rung,
    element: feed.element,
    video,
    watch(nowMs) {
      const { first, next } = patienceMs[rung.path];
      if (nowMs - lastMs > (firstMs === undefined ? first : next)) fail(firstMs === undefined ? 'no-frame' : 'stalled');
    },
    excuse: (nowMs) => (lastMs = nowMs),
    stats: async () => ({
      ...(await feed.stats()),
      ...toPictureFacts(video, pictures),
      ...(firstMs === undefined ? {} : { firstPictureMs: Math.round(firstMs - openedMs) }),
    }),
    goLive: () => feed.goLive(),
    close() {
      over = true;
      feed.close();
      feed.element.remove();
    },
  };
  return showing;
}

/** Calls back for every picture that the browser put on the screen; by time where it cannot say. */
function watchPictures(video: HTMLVideoElement, onPicture: () => void, isOver: () => boolean): void {
  if (!('requestVideoFrameCallback' in video)) {
    (video as HTMLVideoElement).ontimeupdate = () => (video as HTMLVideoElement).currentTime > 0 && onPicture();
    return;
  }
  const next = (): void => {
    if (isOver()) return;
    onPicture();
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
}

/** For the benchmark: when the first picture of a rung was on the screen. */
function markFirst(camera: string, rung: Rung, afterMs: number): void {
  performance.mark('porchlight:first-frame', { detail: { camera, path: rung.path, afterMs } });
}

function createVideo(muted: boolean): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = muted;
  video.autoplay = video.playsInline = true;
  return video;
}

/** Size and pace of the last pictures shown. */
function toPictureFacts(video: HTMLVideoElement, pictures: readonly number[]) {
  const size = { widthPx: video.videoWidth, heightPx: video.videoHeight };
  const spanMs = (pictures.at(-1) ?? 0) - (pictures[0] ?? 0);
  return spanMs > 0 ? { ...size, fps: ((pictures.length - 1) * 1000) / spanMs } : size;
}
