import type { Clock } from '@porchlight/base/clock';
import {
  openDecodeTimes,
  type AudioFrame,
  type AudioTrack,
  type VideoFrame,
  type VideoTrack,
} from '@porchlight/media/frame';
import type { SenderReport } from '#source';
import type { RecordedTimes } from './recorded-times.ts';
import { stepMs, TrackTime } from './track-time.ts';
import { WallLine } from './wall-line.ts';
import type { TimedFrame } from './stream-reader.ts';

/** Sender reports that put sound further than this from where its receipt puts it are wrong. */
const maxReportDifferenceMs = 1000;

/** What the times of one run start from. */
export type StreamTimesOptions = {
  readonly clock: Clock;
  readonly track: VideoTrack;
  /** The first key frame. */
  readonly first: { readonly ptsTicks: number; readonly receivedMs: number };
  /** The wall times that are taken: the run lies beside them. */
  readonly recorded: RecordedTimes;
};

/** Opens the times of a run at its first key frame. */
export function openStreamTimes(options: StreamTimesOptions): StreamTimes {
  return new StreamTimes(options);
}

/**
 * The times of one run: decode times of video, wall times of all tracks.
 * When a camera's clock jumps, frames keep flowing on a corrected media time (in a copy of the frame's head, never of its
 * bytes) and `restartDue` asks for a new run at the next key frame.
 */
export class StreamTimes {
  /** Stated or seen. */
  reorderDepth: number;
  /** Where the picture placed last ends. */
  endWallMs = 0;
  /** How far the run began ahead of the house's clock. */
  readonly heldMs: number;
  readonly #clock: Clock;
  readonly #rateHz: number;
  readonly #video: TrackTime;
  readonly #audio = new Map<number, TrackTime>();
  readonly #reports = new Map<number, SenderReport>();
  readonly #decode: ReturnType<typeof openDecodeTimes>;
  /** Here begins what is recorded already. */
  readonly #limitMs: number;
  #lastDtsTicks = Number.NEGATIVE_INFINITY;
  #intervalMs = 40;
  #videoTrack = 0;

  constructor({ clock, track, first, recorded }: StreamTimesOptions) {
    this.#clock = clock;
    this.#rateHz = track.clockRateHz;
    this.reorderDepth = track.reorderDepth ?? 0;
    const receivedWallMs = first.receivedMs + clock.nowMs() - clock.monotonicMs();
    const startMs = Math.ceil(recorded.findFree(receivedWallMs));
    const originMs = startMs - (first.ptsTicks * 1000) / track.clockRateHz;
    const heldMs = (this.heldMs = Math.max(0, startMs - receivedWallMs));
    const line = new WallLine({ clock, clockRateHz: track.clockRateHz, stepMs, heldMs }, { ...first, originMs });
    this.#video = new TrackTime(line, track.clockRateHz);
    this.#decode = openDecodeTimes(track);
    this.#limitMs = recorded.findLimit(startMs);
  }

  placeVideo(frame: VideoFrame, receivedMs: number): TimedFrame {
    this.#videoTrack = frame.track;
    const ptsTicks = this.#video.toTicks(frame.ptsTicks, receivedMs);
    const wallMs = this.#video.line.place(ptsTicks, receivedMs);
    const next = this.#decode.next(ptsTicks);
    this.reorderDepth = next.reorderDepth;
    const dtsTicks = Math.max(next.dtsTicks, this.#lastDtsTicks + 1);
    const deltaMs = ((dtsTicks - this.#lastDtsTicks) * 1000) / this.#rateHz;
    if (deltaMs > 0 && deltaMs < stepMs) this.#intervalMs = deltaMs;
    this.#lastDtsTicks = dtsTicks;
    this.endWallMs = wallMs + this.#intervalMs;
    const placed = ptsTicks === frame.ptsTicks ? frame : { ...frame, ptsTicks };
    return { frame: placed, dtsTicks, wallMs, receivedMs };
  }

  placeAudio(frame: AudioFrame, { clockRateHz }: AudioTrack, receivedMs: number): TimedFrame {
    const time = this.#audio.get(frame.track) ?? this.#openAudio(frame, clockRateHz, receivedMs);
    const ptsTicks = time.toTicks(frame.ptsTicks, receivedMs);
    const reportedMs = this.#findReportedMs(frame.track, clockRateHz);
    const near = Math.abs(reportedMs - time.line.originMs) < maxReportDifferenceMs;
    time.line.steer(near ? reportedMs : Number.NaN);
    const wallMs = time.line.place(ptsTicks, receivedMs);
    const placed = ptsTicks === frame.ptsTicks ? frame : { ...frame, ptsTicks };
    return { frame: placed, dtsTicks: ptsTicks, wallMs, receivedMs };
  }

  onSenderReport(report: SenderReport): void {
    this.#reports.set(report.track, report);
  }

  /** The next key frame begins a new run. */
  get restartDue(): boolean {
    return this.#video.jumped || this.#video.line.stepped || this.endWallMs >= this.#limitMs;
  }

  /** Where sender reports put the origin of a sound track: the camera's clock is the same for both. NaN: they say nothing. */
  #findReportedMs(index: number, clockRateHz: number): number {
    const ofVideo = this.#reports.get(this.#videoTrack);
    const ofAudio = this.#reports.get(index);
    if (!ofVideo || !ofAudio) return Number.NaN;
    const { line, correctionTicks } = this.#video;
    const videoNtpMs = ofVideo.ntpMs - ((ofVideo.rtpTicks + correctionTicks) * 1000) / this.#rateHz;
    const correction = this.#audio.get(index)?.correctionTicks ?? 0;
    const audioNtpMs = ofAudio.ntpMs - ((ofAudio.rtpTicks + correction) * 1000) / clockRateHz;
    return line.originMs - videoNtpMs + audioNtpMs;
  }

  /** A sound track begins where sender reports put it, if that is near its receipt; it is ahead of the clock as video is. */
  #openAudio({ track, ptsTicks }: AudioFrame, clockRateHz: number, receivedMs: number): TrackTime {
    const clock = this.#clock;
    const heldMs = Math.max(0, this.#video.line.aheadMs);
    const receivedWallMs = receivedMs + clock.nowMs() - clock.monotonicMs() + heldMs;
    const receivedOriginMs = receivedWallMs - (ptsTicks * 1000) / clockRateHz;
    const reportedMs = this.#findReportedMs(track, clockRateHz);
    const near = Math.abs(reportedMs - receivedOriginMs) < maxReportDifferenceMs;
    const originMs = near ? reportedMs : receivedOriginMs;
    const line = new WallLine({ clock, clockRateHz, stepMs, heldMs }, { ptsTicks, receivedMs, originMs });
    const time = new TrackTime(line, clockRateHz);
    this.#audio.set(track, time);
    return time;
  }
}
