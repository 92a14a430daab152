import type { Log } from '@porchlight/base/log';
import type { TrackDescription } from '@porchlight/media/frame';
import type { StreamReader, StreamRun, TimedFrame } from './stream-reader.ts';

type Entry = { readonly reader: StreamReader; live: boolean; closed: boolean; failures: number };

/** What a new reader starts with. */
export type FanOutStart = {
  readonly tracks: readonly TrackDescription[];
  readonly run: StreamRun;
  readonly frames: readonly TimedFrame[];
};

/** Hands every frame to every reader, without copying. A reader that throws is logged and disturbs nobody. */
export type FanOut = {
  /** Adds a reader: it starts with `start` now, or at the next key frame. Returns how it leaves. */
  add(reader: StreamReader, start: FanOutStart | undefined): () => void;
  /** The next video frame is a key frame of these tracks and this run; readers that wait come in with it. */
  tracks(tracks: readonly TrackDescription[], run: StreamRun): void;
  /** Lets waiting readers in before a key frame that changes neither tracks nor run. */
  admit(tracks: readonly TrackDescription[], run: StreamRun): void;
  frame(timed: TimedFrame): void;
  end(gap: Parameters<StreamReader['onEnd']>[0]): void;
  readonly size: number;
};

/** Opens a fan-out without readers. */
export function openFanOut(log: Log): FanOut {
  let entries: readonly Entry[] = [];

  const failed = (entry: Entry, error: unknown): void => {
    entry.failures++;
    if ((entry.failures & (entry.failures - 1)) === 0)
      log.error('A reader of the stream failed', { error, failures: entry.failures });
  };
  const start = (entry: Entry, { tracks, run, frames }: FanOutStart): void => {
    entry.live = true;
    try {
      entry.reader.onTracks(tracks, run);
      for (const timed of frames) entry.reader.onFrame(timed);
    } catch (error) {
      failed(entry, error);
    }
  };

  return {
    add(reader, from) {
      const entry: Entry = { reader, live: false, closed: false, failures: 0 };
      entries = [...entries, entry];
      if (from) start(entry, from);
      return () => {
        entry.closed = true;
        entries = entries.filter((other) => other !== entry);
      };
    },
    tracks(tracks, run) {
      for (const entry of entries) if (!entry.closed) start(entry, { tracks, run, frames: [] });
    },
    admit(tracks, run) {
      for (const entry of entries) if (!entry.live && !entry.closed) start(entry, { tracks, run, frames: [] });
    },
    frame(timed) {
      for (const entry of entries) {
        if (!entry.live || entry.closed) continue;
        try {
          entry.reader.onFrame(timed);
        } catch (error) {
          failed(entry, error);
        }
      }
    },
    end(gap) {
      for (const entry of entries) {
        if (entry.closed) continue;
        entry.live = false;
        try {
          entry.reader.onEnd(gap);
        } catch (error) {
          failed(entry, error);
        }
      }
    },
    get size() {
      return entries.length;
    },
  };
}
