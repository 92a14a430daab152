import { openSync, readSync, fstatSync } from 'node:fs';
import type { FakeClock } from '@porchlight/base/clock';
import type { TrackDescription } from '@porchlight/media/frame';
import { openLoop, openMovie } from '@porchlight/media/mp4';
import type { StreamReader, StreamRun } from '#stream';

/** A camera made of frames with their times; the test moves its clock. */
export type Feed = {
  readonly tracks: readonly TrackDescription[];
  run: StreamRun;
  /** Sends all that is due while the clock moves on. */
  play(durationMs: number): Promise<void>;
};

/** Something that gives frames in order of decode time, for ever. */
export type FrameSource = {
  readonly tracks: readonly TrackDescription[];
  next(): { frame: Parameters<StreamReader['onFrame']>[0]['frame']; dtsTicks: number; dueMs: number };
};

/** Plays `source` to `reader` in step with the clock; audio is delivered `audioLateMs` after its time. */
export function openFeed(options: {
  readonly source: FrameSource;
  readonly reader: StreamReader;
  readonly clock: FakeClock;
  readonly audioLateMs?: number;
}): Feed {
  const { source, reader, clock, audioLateMs = 0 } = options;
  const startMs = clock.monotonicMs();
  const startWallMs = clock.nowMs();
  const rates = source.tracks.map((track) => track.clockRateHz);
  let runs = 0;
  let pending = source.next();
  const late: { atMs: number; timed: Parameters<StreamReader['onFrame']>[0] }[] = [];
  const send = async (untilMs: number): Promise<void> => {
    for (;;) {
      const audio = late[0];
      const videoAtMs = startMs + pending.dueMs;
      const nextMs = Math.min(videoAtMs, audio?.atMs ?? Infinity);
      if (nextMs > untilMs) return;
      if (nextMs > clock.monotonicMs()) await clock.advance(nextMs - clock.monotonicMs());
      if (audio !== undefined && audio.atMs <= videoAtMs) {
        late.shift();
        reader.onFrame({ ...audio.timed, receivedMs: clock.monotonicMs() });
        continue;
      }
      const { frame, dtsTicks } = pending;
      const wallMs = startWallMs + (frame.ptsTicks * 1000) / rates[frame.track]!;
      const timed = { frame, dtsTicks, wallMs, receivedMs: clock.monotonicMs() };
      if (frame.kind === 'audio' && audioLateMs > 0) late.push({ atMs: nextMs + audioLateMs, timed });
      else reader.onFrame(timed);
      pending = source.next();
    }
  };
  const feed: Feed = {
    tracks: source.tracks,
    run: { id: `run-${++runs}`, startWallMs },
    async play(durationMs) {
      const untilMs = clock.monotonicMs() + durationMs;
      await send(untilMs);
      await clock.advance(Math.max(0, untilMs - clock.monotonicMs()));
    },
  };
  return feed;
}

/** A footage file as an endless camera. */
export function openMovieSource(path: string): FrameSource {
  const fd = openSync(path, 'r');
  const readAt = (offsetBytes: number, lengthBytes: number): Uint8Array => {
    const bytes = new Uint8Array(lengthBytes);
    return bytes.subarray(0, readSync(fd, bytes, 0, lengthBytes, offsetBytes));
  };
  return openLoop(openMovie({ sizeBytes: fstatSync(fd).size, readAt }));
}
