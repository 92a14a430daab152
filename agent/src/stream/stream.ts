import { randomBytes } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { StreamName, StreamStatus } from '@porchlight/contract/camera';
import type { GapReason } from '@porchlight/contract/recordings';
import type { AudioFrame, CodedFrame, Damage, TrackDescription, VideoFrame, VideoTrack } from '@porchlight/media/frame';
import type { SenderReport, SourceEvents, SourceState, SourceStats } from '#source';
import { openFanOut, type FanOut } from './fan-out.ts';
import { toGapReason } from './gap-reason.ts';
import { GopRing } from './gop-ring.ts';
import { sameTracks } from './same-tracks.ts';
import { openStreamMeter } from './stream-meter.ts';
import { RecordedTimes } from './recorded-times.ts';
import { openStreamTimes, type StreamTimes } from './stream-times.ts';
import type { ReadBack, StreamReader, StreamRun, TimedFrame } from './stream-reader.ts';

/** What a stream is opened with. */
export type StreamOptions = {
  readonly name: StreamName;
  readonly clock: Clock;
  readonly log: Log;
  /** Counters of the source that feeds it. */
  readonly sourceStats: () => SourceStats;
  /** The wall times that footage of this stream has already; absent: none. */
  readonly recorded?: RecordedTimes;
};

/** One stream of one camera: takes what a source says, gives every reader frames with decode and wall times. */
export type Stream = SourceEvents & {
  /**
   * Adds a reader; returns how it leaves. `cached` (default): it gets the current group of pictures now, in this call, when
   * there is one. `next`: it starts at the next key frame.
   */
  subscribe(reader: StreamReader, options?: SubscribeOptions): () => void;
  /** As last announced to readers; before that, as the source says. */
  readonly tracks: readonly TrackDescription[];
  /** The frames since the last key frame, for good: from memory, and from the disk what is recorded; empty when that group was too large to keep. */
  readonly gop: readonly TimedFrame[];
  /** How many those are. */
  readonly gopLength: number;
  /** Kept even when its group was too large; undefined while nothing flows. */
  readonly newestKey: TimedFrame | undefined;
  /** The run that goes on now. */
  readonly run: StreamRun | undefined;
  /** These pictures are recorded: they need not stay in memory while `readBack` can give back all of their group that are. */
  noteWritten(pictures: readonly { readonly frame: VideoFrame }[], readBack: ReadBack): void;
  /** What the source last said about itself. */
  readonly state: SourceState;
  readonly readers: number;
  /** Damage seen since the start, by reason. */
  readonly damage: Readonly<Record<Damage['reason'], number>>;
  /** Measured over about five seconds; `recording` is false here: the line knows better. Undefined until video is known. */
  status(): StreamStatus | undefined;
  /** Ends the run for every reader and lets all of them go. */
  close(reason?: GapReason): void;
};

/** How a reader joins. */
export type SubscribeOptions = {
  /** Start with the group that is cached, or at the next key frame. */
  readonly fromKeyFrame: 'cached' | 'next';
  /** The reader holds what it keeps and releases it (`holdFrame`); any other reader's frames are left to the collector. */
  readonly holds?: boolean;
};

/** Opens a stream that waits for its source. */
export function openStream(options: StreamOptions): Stream {
  return new StreamSession(options);
}

/** A run that is less ahead of the clock is not worth a word. */
const toldAheadMs = 2_000;

class StreamSession implements Stream {
  readonly #options: StreamOptions;
  readonly #ring = new GopRing();
  readonly #meter = openStreamMeter();
  readonly #readers: FanOut;
  readonly damage = {
    'packets-lost': 0,
    malformed: 0,
    'timestamp-jump': 0,
    oversized: 0,
    'missing-parameter-sets': 0,
  };
  state: SourceState = { status: 'starting' };
  run: StreamRun | undefined;
  /** Readers that do not say when they are done with a frame. */
  #keepers = 0;
  /** What the source describes, and what the readers were told. */
  #tracks: readonly TrackDescription[] = [];
  #announced: readonly TrackDescription[] = [];
  #times: StreamTimes | undefined;
  #reorderDepth = 0;
  /** Where this run's footage ends. */
  #lastWallMs = 0;
  readonly #recorded: RecordedTimes;
  /** The reason that readers were last given for having no footage. */
  #gap: GapReason | undefined;
  #closed = false;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#recorded = options.recorded ?? new RecordedTimes();
    this.#readers = openFanOut(options.log);
  }

  get tracks(): readonly TrackDescription[] {
    return this.run ? this.#announced : this.#tracks;
  }

  get gop(): readonly TimedFrame[] {
    return this.#ring.share();
  }

  get gopLength(): number {
    return this.#ring.length;
  }

  get newestKey(): TimedFrame | undefined {
    return this.#ring.shareKey();
  }

  noteWritten(pictures: readonly { readonly frame: VideoFrame }[], readBack: ReadBack): void {
    this.#ring.noteWritten(pictures, readBack);
  }

  get readers(): number {
    return this.#readers.size;
  }

  subscribe(
    reader: StreamReader,
    { fromKeyFrame, holds = false }: SubscribeOptions = { fromKeyFrame: 'cached' },
  ): () => void {
    const keeps = holds ? 0 : 1;
    this.#keepers += keeps;
    const frames = fromKeyFrame === 'cached' && this.run ? this.#ring.share() : [];
    const now = frames.length > 0;
    const leave = this.#readers.add(reader, now ? { tracks: this.#announced, run: this.run!, frames } : undefined);
    let left = false;
    return () => {
      if (!left) this.#keepers -= keeps;
      left = true;
      leave();
    };
  }

  onTracks(tracks: readonly TrackDescription[]): void {
    if (sameTracks(this.#tracks, tracks)) return;
    this.#tracks = tracks;
    this.#reorderDepth = 0;
  }

  onFrame(frame: CodedFrame, receivedMs: number): void {
    if (this.#closed) return;
    if (frame.kind === 'audio') this.#onAudio(frame, receivedMs);
    else this.#onVideo(frame, receivedMs);
  }

  onDamage(damage: Damage): void {
    this.damage[damage.reason] += damage.count;
  }

  onSenderReport(report: SenderReport): void {
    this.#times?.onSenderReport(report);
  }

  onState(state: SourceState): void {
    this.state = state;
    if (this.#closed) return;
    const reason = toGapReason(state);
    if (!reason) return;
    const begun = this.run !== undefined;
    if (state.status === 'starting' ? begun : state.status !== 'online' || !begun) this.#end(reason);
  }

  status(): StreamStatus | undefined {
    const { name, clock, sourceStats } = this.#options;
    return this.#meter.status({
      name,
      tracks: this.tracks,
      stats: sourceStats(),
      nowMs: clock.nowMs(),
      monotonicMs: clock.monotonicMs(),
    });
  }

  close(reason: GapReason = 'agent-down'): void {
    if (this.#closed) return;
    this.#end(reason);
    this.#closed = true;
  }

  #onVideo(frame: VideoFrame, receivedMs: number): void {
    const track = this.#tracks[frame.track];
    if (track?.kind !== 'video') return;
    this.#meter.onVideo(frame, track.clockRateHz, receivedMs);
    let times = this.#times;
    let timed = times?.placeVideo(frame, receivedMs);
    if (frame.key && (!times || times.restartDue)) {
      times = this.#openTimes(frame, track, receivedMs);
      timed = times.placeVideo(frame, receivedMs);
      this.#beginRun(Math.round(timed.wallMs));
    } else if (frame.key) this.#atKeyFrame();
    if (!times || !timed) return;
    if (times.endWallMs > this.#lastWallMs) this.#lastWallMs = times.endWallMs;
    this.#deliver(timed);
  }

  #onAudio(frame: AudioFrame, receivedMs: number): void {
    const track = this.#announced[frame.track];
    if (!this.#times || track?.kind !== 'audio') return;
    this.#meter.onAudio(frame.data.length);
    this.#deliver(this.#times.placeAudio(frame, track, receivedMs));
  }

  #deliver(timed: TimedFrame): void {
    this.#ring.push(timed, this.#keepers > 0);
    this.#readers.frame(timed);
  }

  #openTimes({ ptsTicks }: VideoFrame, track: VideoTrack, receivedMs: number): StreamTimes {
    this.#closeRun();
    const reorderDepth = Math.max(track.reorderDepth ?? 0, this.#reorderDepth);
    const { clock, log } = this.#options;
    const first = { ptsTicks, receivedMs };
    const times = openStreamTimes({ clock, track: { ...track, reorderDepth }, recorded: this.#recorded, first });
    const aheadMs = Math.round(times.heldMs);
    if (aheadMs > toldAheadMs) log.info('Footage has these times already: the run begins behind it', { aheadMs });
    return (this.#times = times);
  }

  #beginRun(startWallMs: number): void {
    if (this.run) this.#options.log.info('Time stepped: a new run begins', { run: this.run.id });
    this.#gap = undefined;
    this.run = { id: `${startWallMs.toString(36)}-${randomBytes(4).toString('hex')}`, startWallMs };
    this.#announce(this.run);
  }

  /** The times of the run are taken from now on. */
  #closeRun(): void {
    if (this.run) this.#recorded.add(this.run.startWallMs, this.#lastWallMs);
    this.#lastWallMs = 0;
  }

  /** A key frame within the run: the place for new tracks, and for readers that wait. */
  #atKeyFrame(): void {
    const run = this.run!;
    const raised = this.#times!.reorderDepth > this.#reorderDepth;
    if (raised || !sameTracks(this.#announced, this.#tracks)) this.#announce(run);
    else this.#readers.admit(this.#announced, run);
  }

  #announce(run: StreamRun): void {
    this.#reorderDepth = this.#times!.reorderDepth;
    const depth = this.#reorderDepth;
    this.#tracks = this.#tracks.map((track) =>
      track.kind === 'video' && (track.reorderDepth ?? 0) < depth ? { ...track, reorderDepth: depth } : track,
    );
    this.#announced = this.#tracks;
    this.#readers.tracks(this.#announced, run);
  }

  #end(reason: GapReason): void {
    if (!this.run && this.#gap === reason) return;
    const wallMs = this.run ? Math.round(this.#lastWallMs) : this.#options.clock.nowMs();
    this.#closeRun();
    this.run = undefined;
    this.#times = undefined;
    this.#gap = reason;
    this.#ring.clear();
    this.#meter.restart();
    this.#readers.end({ reason, wallMs });
  }
}
