import type { Clock } from '@porchlight/base/clock';
import {
  openDecodeTimes,
  type AudioFrame,
  type AudioTrack,
  type VideoFrame,
  type VideoTrack,
} from '@porchlight/media/frame';
import type { SenderReport } from '#source';
import { stepMs, TrackTime } from './track-time.ts';
import { openWallLine, type WallLine } from './wall-line.ts';
import type { TimedFrame } from './stream-reader.ts';

/** Sender reports that put sound further than this from where its receipt puts it are wrong. */
const maxReportDifferenceMs = 1000;

/** What the times of one run start from. */
export type StreamTimesOptions = {
  readonly clock: Clock;
  readonly track: VideoTrack;
  /** The first key frame. */
  readonly first: { readonly ptsTicks: number; readonly receivedMs: number };
  /** Where the run before ended: this one does not start sooner, unless the wall clock stepped. */
  readonly notBeforeMs: number;
};

/**
 * The times of one run: decode times of video, wall times of all tracks.
 * When a camera's clock jumps, frames keep flowing on a corrected media time (in a copy of the frame's head, never of its
 * bytes) and `restartDue` asks for a new run at the next key frame.
 */
export type StreamTimes = {
  placeVideo(frame: VideoFrame, receivedMs: number): { readonly timed: TimedFrame; readonly endWallMs: number };
  placeAudio(frame: AudioFrame, track: AudioTrack, receivedMs: number): TimedFrame;
  onSenderReport(report: SenderReport): void;
  /** The next key frame begins a new run. */
  readonly restartDue: boolean;
  /** Stated or seen. */
  readonly reorderDepth: number;
};

/** The line of a run's video: begins at its first frame's receipt, and not before the run before it ended. */
function openVideoLine({ clock, track, first, notBeforeMs }: StreamTimesOptions): WallLine {
  const receivedWallMs = first.receivedMs + clock.nowMs() - clock.monotonicMs();
  const early = notBeforeMs - receivedWallMs;
  const startMs = Math.round(early > 0 && early <= stepMs ? notBeforeMs : receivedWallMs);
  const originMs = startMs - (first.ptsTicks * 1000) / track.clockRateHz;
  return openWallLine({ clock, clockRateHz: track.clockRateHz, stepMs }, { ...first, originMs });
}

/** A sound track begins where sender reports put it, if that is near its receipt. */
function openAudioTime(options: {
  readonly clock: Clock;
  readonly clockRateHz: number;
  readonly reportedMs: number | undefined;
  readonly start: { readonly ptsTicks: number; readonly receivedMs: number };
}): TrackTime {
  const { clock, clockRateHz, reportedMs, start } = options;
  const line = openWallLine({ clock, clockRateHz, stepMs }, start);
  const near = reportedMs !== undefined && Math.abs(reportedMs - line.originMs) < maxReportDifferenceMs;
  if (!near) return new TrackTime(line, clockRateHz);
  return new TrackTime(openWallLine({ clock, clockRateHz, stepMs }, { ...start, originMs: reportedMs }), clockRateHz);
}

/** Opens the times of a run at its first key frame. */
export function openStreamTimes(options: StreamTimesOptions): StreamTimes {
  const { clock, track } = options;
  const video = new TrackTime(openVideoLine(options), track.clockRateHz);
  const audio = new Map<number, TrackTime>();
  const reports = new Map<number, SenderReport>();
  const decode = openDecodeTimes(track);
  let reorderDepth = track.reorderDepth ?? 0;
  let lastDtsTicks = Number.NEGATIVE_INFINITY;
  let intervalMs = 40;
  let videoTrack = 0;

  /** Where sender reports put the origin of a sound track: the camera's clock is the same for both. */
  const reportedOriginMs = (index: number, clockRateHz: number): number | undefined => {
    const ofVideo = reports.get(videoTrack);
    const ofAudio = reports.get(index);
    if (!ofVideo || !ofAudio) return undefined;
    const videoNtpMs = ofVideo.ntpMs - ((ofVideo.rtpTicks + video.correctionTicks) * 1000) / track.clockRateHz;
    const correction = audio.get(index)?.correctionTicks ?? 0;
    const audioNtpMs = ofAudio.ntpMs - ((ofAudio.rtpTicks + correction) * 1000) / clockRateHz;
    return video.line.originMs - videoNtpMs + audioNtpMs;
  };
  const openAudio = (frame: AudioFrame, { clockRateHz }: AudioTrack, receivedMs: number): TrackTime => {
    const reportedMs = reportedOriginMs(frame.track, clockRateHz);
    const time = openAudioTime({ clock, clockRateHz, reportedMs, start: { ptsTicks: frame.ptsTicks, receivedMs } });
    audio.set(frame.track, time);
    return time;
  };

  return {
    placeVideo(frame, receivedMs) {
      videoTrack = frame.track;
      const ptsTicks = video.toTicks(frame.ptsTicks, receivedMs);
      const wallMs = video.line.place(ptsTicks, receivedMs);
      const next = decode.next(ptsTicks);
      reorderDepth = next.reorderDepth;
      const dtsTicks = Math.max(next.dtsTicks, lastDtsTicks + 1);
      const deltaMs = ((dtsTicks - lastDtsTicks) * 1000) / track.clockRateHz;
      if (deltaMs > 0 && deltaMs < stepMs) intervalMs = deltaMs;
      lastDtsTicks = dtsTicks;
      const placed = ptsTicks === frame.ptsTicks ? frame : { ...frame, ptsTicks };
      return { timed: { frame: placed, dtsTicks, wallMs, receivedMs }, endWallMs: wallMs + intervalMs };
    },
    placeAudio(frame, audioTrack, receivedMs) {
      const time = audio.get(frame.track) ?? openAudio(frame, audioTrack, receivedMs);
      const ptsTicks = time.toTicks(frame.ptsTicks, receivedMs);
      const reportedMs = reportedOriginMs(frame.track, audioTrack.clockRateHz);
      const differenceMs = reportedMs === undefined ? Infinity : Math.abs(reportedMs - time.line.originMs);
      time.line.steer(differenceMs < maxReportDifferenceMs ? reportedMs : undefined);
      const wallMs = time.line.place(ptsTicks, receivedMs);
      const placed = ptsTicks === frame.ptsTicks ? frame : { ...frame, ptsTicks };
      return { frame: placed, dtsTicks: ptsTicks, wallMs, receivedMs };
    },
    onSenderReport: (report) => void reports.set(report.track, report),
    get restartDue() {
      return video.jumped || video.line.stepped;
    },
    get reorderDepth() {
      return reorderDepth;
    },
  };
}
