import type { StreamName } from '@porchlight/contract/camera';

/** What one way of showing a camera is opened with. `onFailure` is called at most once; then the feed is closed by its owner. */
export type FeedOptions = {
  readonly camera: string;
  readonly stream: StreamName;
  readonly video: HTMLVideoElement;
  /** Ask for sound too; whether it is heard is the video element's `muted`. */
  readonly sound: boolean;
  readonly onFailure: (reason: string) => void;
  /** A still was shown; feeds that show pictures in `video` leave this to the viewer. */
  readonly onPicture: () => void;
};

/** Facts for the details panel; absent when the path cannot know them. */
export type FeedStats = {
  readonly lagMs?: number;
  readonly roundTripMs?: number;
  readonly packetsLost?: number;
  readonly bytesReceived?: number;
  readonly framesDropped?: number;
};

/** One open way of showing a camera. */
export type Feed = {
  /** Element that carries the pictures. */
  readonly element: HTMLElement;
  stats(): Promise<FeedStats>;
  /** Back to now, after the page was hidden. */
  goLive(): void;
  close(): void;
};
