import type { AudioFrame, AudioTrack, TrackDescription, VideoFrame, VideoTrack } from '@porchlight/media/frame';
import { openG711ToFlac } from '@porchlight/media/flac';
import { toFragmentSample, toSampleBytes, writeFragment, writeInit } from '@porchlight/media/fmp4';
import type { TimedFrame } from '#stream';

/** Where media time and wall time meet: at `mediaMs` of the page's time line a picture of `wallMs` is shown. */
export type TimeMapping = { readonly wallMs: number; readonly mediaMs: number };

/** What a page must know before the first fragment. */
export type MseHeader = TimeMapping & {
  /** For `MediaSource.isTypeSupported('video/mp4; codecs="…"')`. */
  readonly codecs: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** Ticks per second of the video track. */
  readonly clockRateHz: number;
};

/** What a muxer is opened with; it calls synchronously and in order. */
export type MseMuxerOptions = {
  /** False leaves sound out. */
  readonly audio: boolean;
  /** A new piece of the time line: header, then `ftyp moov`. The next fragment starts with a key frame. */
  onInit(header: MseHeader, init: Uint8Array): void;
  /** `moof mdat` in one new array. */
  onFragment(fragment: Uint8Array, track: 'video' | 'audio'): void;
};

/** Turns one stream's frames into fragments of one frame each, on a time line that starts at 0 and never has a hole. */
export type MseMuxer = {
  /** New tracks or a new run: the next key frame gets a new header and init. False when there is no video among them. */
  setTracks(tracks: readonly TrackDescription[]): boolean;
  push(timed: TimedFrame): void;
  /** Frames were left out: the next one given is a key frame and follows without a hole. */
  skip(): void;
  /** The newest mapping, for latency; undefined before the first picture. */
  mapping(): TimeMapping | undefined;
};

/** MSE drops what comes more than twice a frame's duration later, up to the next key frame. @see W3C MSE 3.5.8 step 1.6 */
const largestStep = 1.9;
const audioBatchMs = 100;
const audioDriftMs = 100;

/** Opens a muxer for one viewer. */
export function openMseMuxer(options: MseMuxerOptions): MseMuxer {
  return new Muxer(options);
}

type AudioLine = {
  readonly index: number;
  readonly track: AudioTrack;
  readonly convert: (frame: AudioFrame) => readonly AudioFrame[];
  /** Media ticks minus the camera's ticks; unset until the first frame after a cut. */
  offsetTicks: number | undefined;
  endTicks: number;
  waiting: AudioFrame[];
  waitingTicks: number;
};

class Muxer implements MseMuxer {
  readonly #options: MseMuxerOptions;
  #video: { index: number; track: VideoTrack } | undefined;
  #audio: AudioLine | undefined;
  #initDue = false;
  /** Media ticks minus the camera's decode ticks; unset until the first key frame after a cut. */
  #offsetTicks: number | undefined;
  #lastDtsTicks = 0;
  #durationTicks = 0;
  #deltas: number[] = [];
  #endMs = 0;
  #sequenceNumber = 0;
  #mapping: TimeMapping | undefined;

  constructor(options: MseMuxerOptions) {
    this.#options = options;
  }

  setTracks(tracks: readonly TrackDescription[]): boolean {
    const index = tracks.findIndex((track) => track.kind === 'video');
    const track = tracks[index];
    this.skip();
    this.#initDue = true;
    this.#deltas = [];
    this.#video = track?.kind === 'video' ? { index, track } : undefined;
    this.#audio = this.#options.audio ? openAudioLine(tracks) : undefined;
    return this.#video !== undefined;
  }

  skip(): void {
    this.#offsetTicks = undefined;
    if (!this.#audio) return;
    this.#audio.offsetTicks = undefined;
    this.#audio.waiting = [];
    this.#audio.waitingTicks = 0;
  }

  mapping(): TimeMapping | undefined {
    return this.#mapping;
  }

  push(timed: TimedFrame): void {
    const { frame } = timed;
    if (frame.kind === 'video') {
      if (this.#video && frame.track === this.#video.index) this.#pushVideo(frame, timed, this.#video.track);
    } else if (this.#audio && frame.track === this.#audio.index) {
      this.#pushAudio(frame, timed, this.#audio);
    }
  }

  #pushVideo(frame: VideoFrame, timed: TimedFrame, track: VideoTrack): void {
    if (this.#offsetTicks === undefined) {
      if (!frame.key) return;
      const startTicks = Math.ceil((this.#endMs * track.clockRateHz) / 1000);
      this.#offsetTicks = startTicks - timed.dtsTicks;
      this.#lastDtsTicks = startTicks;
      this.#durationTicks = Math.round(track.clockRateHz / (track.frameRate ?? 8));
    }
    const offset = this.#offsetTicks;
    const due = timed.dtsTicks + offset;
    const step = due - this.#lastDtsTicks;
    const most = Math.floor(this.#durationTicks * largestStep);
    if (step > 0) this.#learnDuration(step);
    const dts = !frame.key && step > most ? this.#lastDtsTicks + most : due;
    const ptsMs = ((frame.ptsTicks + offset) * 1000) / track.clockRateHz;
    this.#mapping = { wallMs: Math.round(timed.wallMs), mediaMs: Math.round(ptsMs) };
    if (this.#initDue) this.#sendInit(track, this.#mapping);
    this.#flushAudio();
    const sample = toFragmentSample(frame, dts - offset, this.#durationTicks);
    this.#send('video', dts, [sample], toSampleBytes(frame));
    this.#lastDtsTicks = dts;
    this.#endMs = Math.max(this.#endMs, ptsMs + (this.#durationTicks * 1000) / track.clockRateHz);
  }

  /** Rather too long than too short: an estimate below half the true step would cost the page all frames up to the next key frame. */
  #learnDuration(step: number): void {
    this.#deltas.push(step);
    if (this.#deltas.length > 8) this.#deltas.shift();
    const sorted = [...this.#deltas].sort((a, b) => a - b);
    // One long step (a lost picture) must not count as the rhythm; the first steps may be shorter than it.
    const learned = sorted.at(sorted.length > 4 ? -2 : -1)!;
    this.#durationTicks = sorted.length > 4 ? learned : Math.max(learned, this.#durationTicks);
  }

  #sendInit(track: VideoTrack, mapping: TimeMapping): void {
    this.#initDue = false;
    const tracks: TrackDescription[] = this.#audio ? [track, this.#audio.track] : [track];
    const codecs = tracks.map(({ codecString }) => codecString).join(',');
    const { widthPx, heightPx, clockRateHz } = track;
    this.#options.onInit({ ...mapping, codecs, widthPx, heightPx, clockRateHz }, writeInit(tracks));
  }

  #pushAudio(frame: AudioFrame, timed: TimedFrame, line: AudioLine): void {
    if (this.#offsetTicks === undefined || !this.#mapping) return;
    const rate = line.track.clockRateHz;
    const mediaMs = this.#mapping.mediaMs + (timed.wallMs - this.#mapping.wallMs);
    const wanted = Math.round((mediaMs * rate) / 1000) - frame.ptsTicks;
    const drifted =
      line.offsetTicks !== undefined && Math.abs(wanted - line.offsetTicks) > (audioDriftMs * rate) / 1000;
    if (line.offsetTicks === undefined || drifted) {
      this.#flushAudio();
      line.offsetTicks = wanted;
    }
    for (const out of line.convert(frame)) {
      if (out.ptsTicks + line.offsetTicks < line.endTicks) line.offsetTicks = line.endTicks - out.ptsTicks;
      if (out.ptsTicks + line.offsetTicks < 0) continue;
      line.endTicks = out.ptsTicks + line.offsetTicks + out.durationTicks;
      line.waiting.push(out);
      line.waitingTicks += out.durationTicks;
    }
    if (line.waitingTicks >= (audioBatchMs * rate) / 1000) this.#flushAudio();
  }

  #flushAudio(): void {
    const line = this.#audio;
    const first = line?.waiting[0];
    if (!line || !first || line.offsetTicks === undefined) return;
    const samples = line.waiting.map((frame) => toFragmentSample(frame, frame.ptsTicks, frame.durationTicks));
    const bytes = line.waiting.map((frame) => frame.data);
    this.#send('audio', first.ptsTicks + line.offsetTicks, samples, bytes);
    line.waiting = [];
    line.waitingTicks = 0;
  }

  #send(
    track: 'video' | 'audio',
    baseDecodeTicks: number,
    samples: ReturnType<typeof toFragmentSample>[],
    bytes: readonly Uint8Array[],
  ): void {
    const sequenceNumber = ++this.#sequenceNumber;
    const trackId = track === 'video' ? 1 : 2;
    const head = writeFragment({ sequenceNumber, tracks: [{ trackId, baseDecodeTicks, samples }] });
    this.#options.onFragment(Buffer.concat([head, ...bytes]), track);
  }
}

/** The first audio track; G.711, which MP4 cannot hold, becomes FLAC without loss. */
function openAudioLine(tracks: readonly TrackDescription[]): AudioLine | undefined {
  const index = tracks.findIndex((track) => track.kind === 'audio');
  const track = tracks[index];
  if (track?.kind !== 'audio') return undefined;
  const fresh = { index, offsetTicks: undefined, endTicks: 0, waiting: [], waitingTicks: 0 };
  if (track.codec !== 'pcmu' && track.codec !== 'pcma') return { ...fresh, track, convert: (frame) => [frame] };
  const { codec, sampleRateHz, channels } = track;
  const flac = openG711ToFlac({ codec, sampleRateHz, channels });
  return { ...fresh, track: flac.track, convert: (frame) => flac.push(frame) };
}
