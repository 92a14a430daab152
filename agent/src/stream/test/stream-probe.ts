import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { AudioTrack, TrackDescription, VideoFrame, VideoTrack } from '@porchlight/media/frame';
import { openStream, type StreamReader, type StreamRun, type TimedFrame } from '../index.ts';

export const videoTrack: VideoTrack = {
  kind: 'video',
  codec: 'h264',
  clockRateHz: 90_000,
  parameterSets: [Uint8Array.of(0x67, 1), Uint8Array.of(0x68, 1)],
  codecString: 'avc1.42c01e',
  widthPx: 640,
  heightPx: 360,
  reorderDepth: undefined,
  frameRate: undefined,
};
export const audioTrack: AudioTrack = {
  kind: 'audio',
  codec: 'pcma',
  clockRateHz: 8000,
  sampleRateHz: 8000,
  channels: 1,
  config: new Uint8Array(0),
  codecString: 'alaw',
};

/** A reader that remembers, in order. */
export function openReaderProbe() {
  const events: string[] = [];
  const tracks: (readonly TrackDescription[])[] = [];
  const runs: StreamRun[] = [];
  const frames: TimedFrame[] = [];
  const gaps: Parameters<StreamReader['onEnd']>[0][] = [];
  const reader: StreamReader = {
    onTracks(next, run) {
      events.push('tracks');
      tracks.push(next);
      runs.push(run);
    },
    onFrame(timed) {
      events.push(timed.frame.kind === 'audio' ? 'audio' : timed.frame.key ? 'key' : 'frame');
      frames.push(timed);
    },
    onEnd(gap) {
      events.push('end');
      gaps.push(gap);
    },
  };
  return { ...reader, events, tracks, runs, frames, gaps };
}

/** A stream on a fake clock, fed with pictures whose delay a test chooses. */
export function openStreamProbe() {
  const clock = openFakeClock();
  const log = openFakeLog();
  const stats = { transport: 'tcp' as const, packetsReceived: 7, packetsLost: 1, bytesReceived: 0, reconnects: 0 };
  const stream = openStream({ name: 'main', clock, log, sourceStats: () => stats });
  return {
    clock,
    log,
    stream,
    /** A picture of media time `mediaMs` that is received now. */
    picture(mediaMs: number, options: { key?: boolean; sizeBytes?: number } = {}): VideoFrame {
      const { key = false, sizeBytes = 1000 } = options;
      const ptsTicks = Math.round(mediaMs * 90);
      const frame: VideoFrame = {
        kind: 'video',
        track: 0,
        ptsTicks,
        key,
        reference: true,
        nalUnits: [],
        sizeBytes,
        packetsLost: 0,
      };
      stream.onFrame(frame, clock.monotonicMs());
      return frame;
    },
    sound(mediaMs: number): void {
      const data = new Uint8Array(160);
      stream.onFrame(
        { kind: 'audio', track: 1, ptsTicks: Math.round(mediaMs * 8), durationTicks: 160, data },
        clock.monotonicMs(),
      );
    },
  };
}
