import { createHash } from 'node:crypto';
import type { ArchiveEvent } from '#archive';
import { findVolumeTrouble, toSegmentPath, type Volume } from '#volume';
import type { StreamReader, StreamRun } from '#stream';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { CameraId } from '@porchlight/contract/ids';
import type { GapReason } from '@porchlight/contract/recordings';
import { equalBytes } from '@porchlight/media/bytes';
import { writeInit } from '@porchlight/media/fmp4';
import type { AudioTrack, TrackDescription, VideoTrack } from '@porchlight/media/frame';
import { openAudioLine, type AudioLine, type TimedAudio } from './audio-line.ts';
import { FragmentBuilder, type TimedVideo } from './fragment-builder.ts';
import { SegmentFile, type FragmentBytes } from './segment-file.ts';
import { findRounds } from './volume-rounds.ts';
import type { OnWritten } from './written-group.ts';

export type RecorderOptions = {
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  /** Told in order per segment, after the fact. Must not throw. */
  readonly emit: (event: ArchiveEvent) => void;
  /** Files are cut at the first key frame after each whole multiple of this, counted from midnight UTC. */
  readonly segmentMs?: 60_000 | 300_000 | 900_000;
  /** Told after each write which pictures may leave memory. */
  readonly onWritten?: OnWritten;
  /** Most bytes waiting for a slow disk; beyond it pictures are dropped up to the next key frame. */
  readonly maxPendingBytes?: number;
};

/** A reader that writes what it is given to disk. */
export type Recorder = StreamReader & {
  /** Finishes what is open; resolves when it is durable and the archive has been told. */
  close(): Promise<void>;
};

type Tracks = {
  readonly video: VideoTrack;
  readonly videoTrack: number;
  readonly audioTrack: number;
  readonly audioFrom: AudioTrack | undefined;
  readonly audio: AudioLine | undefined;
  readonly init: Uint8Array;
  readonly initHash: string;
  readonly codecString: string;
};

type Segment = {
  readonly file: SegmentFile;
  readonly builder: FragmentBuilder;
  readonly startWallMs: number;
  readonly cutWallMs: number;
  readonly tracks: Tracks;
  /** Goes on from a file of the same run: sound from before it was dropped. */
  readonly afterCut: boolean;
};

/** The old segment after a cut: its last audio is still on the way. */
type Draining = { readonly segment: Segment; readonly endWallMs: number; readonly sinceMs: number };

/** Checked every 100 ms, or after a rest of 180 ms (`shard/rest`) that the bytes may have waited for too: never more than 800. */
const flushAfterMs = 500;
/** Sound so much later than its pictures still gets into their file. */
const drainMs = 2_000;
/** A new run that begins so much later than the one before ended, without an end told, was moved there by the house's clock. */
const clockSetMs = 2_000;
const retryAfterFailureMs = 2_000;
const defaultMaxPendingBytes = 16 << 20;

/** Records one stream of one camera. @see docs/design/0001-house-and-main-job.md */
export function openRecorder(options: RecorderOptions): Recorder {
  return new StreamRecorder(options);
}

class StreamRecorder implements Recorder {
  readonly #options: RecorderOptions;
  readonly #rounds;
  readonly #ticker;
  readonly #open = new Set<SegmentFile>();
  #tracks: Tracks | undefined;
  #run: StreamRun | undefined;
  /** Runs that a failure or a drop has split off this run so far. */
  #splits = 0;
  /** Picture time that is tick 0 of the run as recorded; undefined until its first segment. */
  #originTicks: number | undefined;
  #segment: Segment | undefined;
  #draining: Draining | undefined;
  #cutNow = false;
  #notBeforeMs = 0;
  #closed = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#rounds = findRounds(options.volume, options.clock, options.log);
    this.#ticker = this.#rounds.every(() => this.#onTick());
  }

  onTracks(tracks: readonly TrackDescription[], run: StreamRun): void {
    if (this.#closed) return;
    const next = toTracks(tracks, this.#tracks);
    if (next === undefined) this.#options.log.warn('Nothing to record: the camera sends no video', this.#names());
    const newRun = run.id !== this.#run?.id;
    if (newRun && this.#segment !== undefined) this.#noteClockSet(this.#segment.builder.endWallMs, run.startWallMs);
    if (newRun || next === undefined) this.#endSegment();
    else if (next !== this.#tracks) this.#cutNow = true;
    if (newRun || next?.video.clockRateHz !== this.#tracks?.video.clockRateHz) this.#originTicks = undefined;
    if (newRun) this.#splits = 0;
    this.#tracks = next;
    this.#run = run;
  }

  onFrame(timed: Parameters<StreamReader['onFrame']>[0]): void {
    const tracks = this.#tracks;
    if (this.#closed || tracks === undefined) return;
    const { frame } = timed;
    if (frame.kind === 'video') {
      if (frame.track === tracks.videoTrack) this.#onVideo(timed as TimedVideo, tracks); // no copy of each frame's head
    } else if (frame.track === tracks.audioTrack && tracks.audio !== undefined) {
      for (const audio of tracks.audio.push({ ...timed, frame })) this.#onAudio(audio);
    }
  }

  onEnd(gap: { readonly reason: GapReason; readonly wallMs: number }): void {
    if (this.#closed) return;
    for (const audio of this.#tracks?.audio?.flush() ?? []) this.#onAudio(audio);
    this.#endSegment();
    this.#originTicks = undefined;
    this.#splits++;
    this.#gap(gap.reason, gap.wallMs);
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      for (const audio of this.#tracks?.audio?.flush() ?? []) this.#onAudio(audio);
      this.#closed = true;
      this.#ticker.cancel();
      this.#endSegment();
    }
    await Promise.all([...this.#open].map((file) => file.finish(true)));
  }

  #onVideo(timed: TimedVideo, tracks: Tracks): void {
    const segment = this.#segment;
    if (timed.frame.key && (segment === undefined || this.#cutNow || timed.wallMs >= segment.cutWallMs)) {
      if (segment !== undefined) this.#cut(segment, timed);
      if (this.#mayStart()) this.#startSegment(timed, tracks, segment !== undefined);
    }
    this.#segment?.builder.addVideo(timed);
  }

  #onAudio(audio: TimedAudio): void {
    const draining = this.#draining;
    if (draining !== undefined && audio.wallMs < draining.endWallMs) {
      if (draining.segment.tracks.audio === this.#tracks?.audio) draining.segment.builder.addAudio(audio);
      return;
    }
    if (draining !== undefined) this.#endDraining();
    const segment = this.#segment;
    if (segment === undefined) return;
    // The file that it belongs to is finished, or there never was one: before the first picture of a recording.
    if (audio.wallMs < segment.startWallMs) return segment.afterCut ? segment.builder.noteLost() : undefined;
    if (segment.tracks.audio === this.#tracks?.audio) segment.builder.addAudio(audio);
  }

  #noteClockSet(endMs: number, startMs: number): void {
    if (startMs - endMs > clockSetMs) this.#gap('clock-set', endMs);
  }

  /** Ends the segment where the next one of the same run starts; its file stays open for audio still on the way. */
  #cut(segment: Segment, next: TimedVideo): void {
    segment.builder.endVideo(next.dtsTicks);
    this.#segment = undefined;
    this.#endDraining();
    this.#draining = { segment, endWallMs: next.wallMs, sinceMs: this.#options.clock.monotonicMs() };
    if (segment.tracks.audio === undefined) this.#endDraining();
  }

  #endDraining(): void {
    const draining = this.#draining;
    this.#draining = undefined;
    if (draining !== undefined) this.#finish(draining.segment);
  }

  #endSegment(): void {
    this.#endDraining();
    const segment = this.#segment;
    this.#segment = undefined;
    this.#cutNow = false;
    if (segment !== undefined) this.#finish(segment);
  }

  #finish({ builder, file }: Segment): void {
    const rest = builder.take();
    if (rest !== undefined) file.append(rest);
    void file.finish().then(() => this.#open.delete(file));
  }

  /** A disk that has failed gets a moment, a disk that is behind gets to half of what it may owe. */
  #mayStart(): boolean {
    const { clock, maxPendingBytes = defaultMaxPendingBytes } = this.#options;
    return clock.monotonicMs() >= this.#notBeforeMs && this.#pendingBytes() <= maxPendingBytes / 2;
  }

  #startSegment(timed: TimedVideo, tracks: Tracks, afterCut: boolean): void {
    const { camera, stream, volume, log, segmentMs = 60_000 } = this.#options;
    const run = this.#run!;
    const { video } = tracks;
    const firstOfRun = this.#splits === 0 ? Math.max(0, timed.wallMs - run.startWallMs) : 0;
    this.#originTicks ??= timed.frame.ptsTicks - Math.round((firstOfRun * video.clockRateHz) / 1000);
    const startWallMs = Math.round(timed.wallMs);
    const file = new SegmentFile({
      opened: {
        camera,
        stream,
        run: this.#splits === 0 ? run.id : `${run.id}.${this.#splits}`,
        startWallMs,
        startTicks: timed.frame.ptsTicks - this.#originTicks,
        clockRateHz: video.clockRateHz,
        init: tracks.init,
        initHash: tracks.initHash,
        codecString: tracks.codecString,
      },
      codec: video.codec,
      onWritten: this.#options.onWritten,
      toPath: (ms) => toSegmentPath(camera, stream, ms),
      volume,
      rounds: this.#rounds,
      log,
      emit: this.#options.emit,
      onFailed: (failed, error) => this.#onFailed(failed, error),
    });
    this.#open.add(file);
    this.#cutNow = false;
    this.#segment = {
      file,
      builder: new FragmentBuilder({
        videoRateHz: video.clockRateHz,
        audioRateHz: tracks.audio?.track.clockRateHz,
        frameRate: video.frameRate,
        onFragment: (fragment) => this.#append(file, fragment),
      }),
      startWallMs: timed.wallMs,
      cutWallMs: (Math.floor(timed.wallMs / segmentMs) + 1) * segmentMs,
      tracks,
      afterCut,
    };
  }

  #append(file: SegmentFile, fragment: FragmentBytes): void {
    file.append(fragment);
    if (this.#pendingBytes() <= (this.#options.maxPendingBytes ?? defaultMaxPendingBytes)) return;
    this.#options.log.warn('The disk is too slow: pictures are dropped up to the next key frame', this.#names());
    this.#split('dropped', fragment.endWallMs);
  }

  #onFailed(file: SegmentFile, error: unknown): void {
    void file.finish().then(() => this.#open.delete(file));
    this.#notBeforeMs = this.#options.clock.monotonicMs() + retryAfterFailureMs;
    this.#split(toGapReason(error), file.endWallMs);
  }

  /** Footage is missing from here: what comes next is a run of its own. */
  #split(reason: GapReason, fromMs: number): void {
    const segment = this.#segment;
    this.#segment = undefined;
    this.#endDraining();
    if (segment !== undefined) void segment.file.finish().then(() => this.#open.delete(segment.file));
    this.#originTicks = undefined;
    this.#splits++;
    this.#gap(reason, fromMs);
  }

  #gap(reason: GapReason, fromMs: number): void {
    this.#options.emit({ kind: 'gap', ...this.#names(), fromMs: Math.round(fromMs), reason });
  }

  #names(): { camera: CameraId; stream: StreamName } {
    return { camera: this.#options.camera, stream: this.#options.stream };
  }

  #pendingBytes(): number {
    let sum = 0;
    for (const file of this.#open) sum += file.pendingBytes;
    return sum;
  }

  #onTick(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#draining !== undefined && nowMs - this.#draining.sinceMs >= drainMs) this.#endDraining();
    if (this.#draining !== undefined) this.#flush(this.#draining.segment, nowMs);
    if (this.#segment !== undefined) this.#flush(this.#segment, nowMs);
  }

  #flush({ builder, file }: Segment, nowMs: number): void {
    const oldestMs = builder.oldestReceivedMs;
    if (oldestMs === undefined || nowMs - oldestMs < flushAfterMs) return;
    const fragment = builder.take();
    if (fragment !== undefined) this.#append(file, fragment);
  }
}

function toGapReason(error: unknown): GapReason {
  const trouble = findVolumeTrouble(error);
  if (trouble === undefined) return 'dropped';
  return trouble === 'full' ? 'disk-full' : 'disk-failed';
}

/** What is recorded of these tracks: the first video and the first audio track. The same value when nothing changed. */
function toTracks(tracks: readonly TrackDescription[], before: Tracks | undefined): Tracks | undefined {
  const videoTrack = tracks.findIndex((track) => track.kind === 'video');
  const video = tracks[videoTrack];
  if (video?.kind !== 'video') return undefined;
  const audioTrack = tracks.findIndex((track) => track.kind === 'audio');
  const found = tracks[audioTrack];
  const audioFrom = found?.kind === 'audio' ? found : undefined;
  const audio = sameAudio(audioFrom, before?.audioFrom) ? before?.audio : audioFrom && openAudioLine(audioFrom);
  const init = writeInit(audio === undefined ? [video] : [video, audio.track]);
  const initHash = createHash('sha256').update(init).digest('hex').slice(0, 32);
  const same = before?.initHash === initHash && before.audio === audio;
  if (same && before.videoTrack === videoTrack && before.audioTrack === audioTrack) return before;
  const codecString = audio === undefined ? video.codecString : `${video.codecString},${audio.track.codecString}`;
  return { video, videoTrack, audioTrack, audioFrom, audio, init, initHash, codecString };
}

/** The encoder of an unchanged track goes on: it may hold audio. */
function sameAudio(a: AudioTrack | undefined, b: AudioTrack | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const { config: aConfig, ...aFacts } = a;
  const { config: bConfig, ...bFacts } = b;
  return equalBytes(aConfig, bConfig) && JSON.stringify(aFacts) === JSON.stringify(bFacts);
}
