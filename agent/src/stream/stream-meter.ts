import type { StreamName, StreamStatus } from '@porchlight/contract/camera';
import type { TrackDescription, VideoFrame } from '@porchlight/media/frame';
import type { SourceStats } from '#source';

const windowMs = 5000;

/** Measures one stream over windows of about five seconds. */
export type StreamMeter = {
  onVideo(frame: VideoFrame, clockRateHz: number, receivedMs: number): void;
  onAudio(sizeBytes: number): void;
  /** Forgets what must not be compared across a break: media times. Counters go on. */
  restart(): void;
  /** Undefined until a video track is known. */
  status(options: StatusOptions): StreamStatus | undefined;
};

/** What a status is made of beside the measured figures. */
export type StatusOptions = {
  readonly name: StreamName;
  readonly tracks: readonly TrackDescription[];
  readonly stats: SourceStats;
  readonly nowMs: number;
  readonly monotonicMs: number;
};

/** Opens a meter. */
export function openStreamMeter(): StreamMeter {
  let window = { startMs: Number.NaN, frames: 0, bytes: 0 };
  let rates: { fps: number; bitrateBps: number } | undefined;
  let framesReceived = 0;
  let lastReceivedMs: number | undefined;
  let highestPts = Number.NEGATIVE_INFINITY;
  let keyPtsMs: number | undefined;
  let lastKeyReceivedMs: number | undefined;
  let gopMs: number | undefined;
  let reordered = false;

  const close = (monotonicMs: number): void => {
    const elapsedMs = monotonicMs - window.startMs;
    if (!(elapsedMs >= windowMs)) return;
    rates = { fps: (window.frames * 1000) / elapsedMs, bitrateBps: (window.bytes * 8000) / elapsedMs };
    window = { startMs: monotonicMs, frames: 0, bytes: 0 };
  };
  const ratesNow = (monotonicMs: number): { fps: number; bitrateBps: number } => {
    close(monotonicMs);
    if (rates) return rates;
    const elapsedMs = monotonicMs - window.startMs;
    if (!(elapsedMs >= 500)) return { fps: 0, bitrateBps: 0 };
    return { fps: (window.frames * 1000) / elapsedMs, bitrateBps: (window.bytes * 8000) / elapsedMs };
  };

  return {
    onVideo(frame, clockRateHz, receivedMs) {
      if (Number.isNaN(window.startMs)) window.startMs = receivedMs;
      close(receivedMs);
      window.frames++;
      window.bytes += frame.sizeBytes;
      framesReceived++;
      lastReceivedMs = receivedMs;
      if (frame.ptsTicks < highestPts) reordered = true;
      else highestPts = frame.ptsTicks;
      if (!frame.key) return;
      lastKeyReceivedMs = receivedMs;
      const ptsMs = (frame.ptsTicks * 1000) / clockRateHz;
      if (keyPtsMs !== undefined && ptsMs > keyPtsMs) gopMs = Math.round(ptsMs - keyPtsMs);
      keyPtsMs = ptsMs;
    },
    onAudio: (sizeBytes) => void (window.bytes += sizeBytes),
    restart() {
      highestPts = Number.NEGATIVE_INFINITY;
      keyPtsMs = undefined;
      reordered = false;
      rates = undefined;
      window = { startMs: Number.NaN, frames: 0, bytes: 0 };
    },
    status: (options) =>
      toStatus(options, {
        ...ratesNow(options.monotonicMs),
        gopMs,
        reordered,
        framesReceived,
        lastReceivedMs,
        lastKeyReceivedMs,
      }),
  };
}

type Measured = {
  readonly fps: number;
  readonly bitrateBps: number;
  readonly gopMs: number | undefined;
  readonly reordered: boolean;
  readonly framesReceived: number;
  readonly lastReceivedMs: number | undefined;
  readonly lastKeyReceivedMs: number | undefined;
};

function toStatus(
  { name, tracks, stats, nowMs, monotonicMs }: StatusOptions,
  measured: Measured,
): StreamStatus | undefined {
  const video = tracks.find((track) => track.kind === 'video');
  if (!video) return undefined;
  const audio = tracks.find((track) => track.kind === 'audio');
  const { gopMs, lastReceivedMs, lastKeyReceivedMs } = measured;
  const toWallMs = (atMs: number): number => Math.round(nowMs - (monotonicMs - atMs));
  return {
    name,
    codec: video.codec,
    codecString: video.codecString,
    widthPx: video.widthPx,
    heightPx: video.heightPx,
    fps: Math.round(measured.fps * 100) / 100,
    bitrateBps: Math.round(measured.bitrateBps),
    ...(gopMs === undefined ? {} : { gopMs }),
    bFrames: measured.reordered,
    ...(audio ? { audioCodec: audio.codec } : {}),
    transport: stats.transport,
    packetsReceived: stats.packetsReceived,
    packetsLost: stats.packetsLost,
    framesReceived: measured.framesReceived,
    ...(lastReceivedMs === undefined ? {} : { lastFrameMs: toWallMs(lastReceivedMs) }),
    ...(lastKeyReceivedMs === undefined ? {} : { lastKeyMs: toWallMs(lastKeyReceivedMs) }),
    recording: false,
  };
}
