import type { Clock } from '@porchlight/base/clock';
import type {
  AudioFrame,
  AudioTrack,
  NalUnit,
  TrackDescription,
  VideoFrame,
  VideoTrack,
} from '@porchlight/media/frame';
import { packetizeH264 } from '@porchlight/media/h264';
import { packetizeH265 } from '@porchlight/media/h265';
import type { LiveStream } from '#lease';
import type { StreamReader, TimedFrame } from '#stream';
import { openPacketRing, type PacketRing } from './packet-ring.ts';

/** Where RTP time and wall time of a track meet, for sender reports. */
export type RtpAnchor = {
  readonly wallMs: number;
  readonly receivedMs: number;
  readonly timestamp: number;
  readonly clockRateHz: number;
};

/** Who wants a feed's packets. */
export type FeedListener = {
  /** There are new packets in the rings. */
  onPackets(): void;
  /** The stream's tracks are not those that were negotiated any more. */
  onTracksChanged(): void;
};

/** One stream cut into RTP packets, once for all its WebRTC viewers. */
export type RtpFeed = {
  readonly video: PacketRing;
  readonly audio: PacketRing;
  anchor(kind: 'video' | 'audio'): RtpAnchor | undefined;
  /** The first listener starts the feed with the stream's cached group, the last that leaves empties it. */
  attach(listener: FeedListener): () => void;
};

type RtpFeedOptions = { readonly stream: LiveStream; readonly clock: Clock; onIdle(): void };

/** Leaves room for IP, UDP, SRTP tag and a VPN in 1280 bytes. */
const maxPayloadBytes = 1180;
const videoRateHz = 90_000;
const maxSoundBytes = 960;

/** Opens a feed that waits for its first listener; `onIdle` is called when the last one has left. */
export function openRtpFeed(options: RtpFeedOptions): RtpFeed {
  return new Feed(options);
}

type Line<Track> = { readonly index: number; readonly track: Track; offsetTicks: number | undefined };

class Feed implements RtpFeed {
  readonly #options: RtpFeedOptions;
  readonly #listeners = new Set<FeedListener>();
  readonly video = openPacketRing();
  readonly audio = openPacketRing();
  readonly #anchors: { video: RtpAnchor | undefined; audio: RtpAnchor | undefined } = {
    video: undefined,
    audio: undefined,
  };
  #video: Line<VideoTrack> | undefined;
  #audio: Line<AudioTrack> | undefined;
  #run: string | undefined;
  #leave: (() => void) | undefined;

  constructor(options: RtpFeedOptions) {
    this.#options = options;
  }

  anchor(kind: 'video' | 'audio'): RtpAnchor | undefined {
    return this.#anchors[kind];
  }

  attach(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    const reader: StreamReader = {
      onTracks: (tracks, run) => this.#onTracks(tracks, run.id),
      onFrame: (timed) => this.#onFrame(timed),
      onEnd: () => this.video.breakGroup(),
    };
    this.#leave ??= this.#options.stream.subscribe(reader, { fromKeyFrame: 'cached' });
    return () => {
      if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
      this.#leave?.();
      this.#options.onIdle();
    };
  }

  #onTracks(tracks: readonly TrackDescription[], run: string): void {
    const before = toNegotiated(this.#video?.track, this.#audio?.track);
    const isNewRun = this.#run !== run;
    this.#video = findLine(tracks, 'video', isNewRun ? undefined : this.#video);
    this.#audio = findLine(tracks, 'audio', isNewRun ? undefined : this.#audio);
    const changed = this.#run !== undefined && before !== toNegotiated(this.#video?.track, this.#audio?.track);
    this.#run = run;
    this.video.breakGroup();
    if (changed) for (const listener of [...this.#listeners]) listener.onTracksChanged();
  }

  #onFrame(timed: TimedFrame): void {
    const { frame } = timed;
    if (frame.kind === 'video' && this.#video && frame.track === this.#video.index) {
      this.#pushVideo(frame, timed, this.#video);
    } else if (frame.kind === 'audio' && this.#audio && frame.track === this.#audio.index) {
      this.#pushAudio(frame, timed, this.#audio);
    } else {
      return;
    }
    for (const listener of this.#listeners) listener.onPackets();
  }

  #pushVideo(frame: VideoFrame, timed: TimedFrame, line: Line<VideoTrack>): void {
    const timestamp = this.#toTimestamp('video', frame.ptsTicks, timed, line, videoRateHz);
    const nalUnits = frame.key ? withParameterSets(frame, line.track) : frame.nalUnits;
    const packetize = line.track.codec === 'h264' ? packetizeH264 : packetizeH265;
    const payloads = packetize(nalUnits, maxPayloadBytes);
    const atMs = this.#options.clock.monotonicMs();
    for (const [index, payload] of payloads.entries()) {
      const marker = index === payloads.length - 1;
      this.video.push({ payload: toBuffer(payload), timestamp, marker, atMs }, frame.key && index === 0);
    }
  }

  #pushAudio(frame: AudioFrame, timed: TimedFrame, line: Line<AudioTrack>): void {
    const { clockRateHz, codec } = line.track;
    const timestamp = this.#toTimestamp('audio', frame.ptsTicks, timed, line, clockRateHz);
    const atMs = this.#options.clock.monotonicMs();
    const step = codec === 'opus' ? frame.data.length : maxSoundBytes;
    for (let at = 0; at < frame.data.length; at += step) {
      const payload = toBuffer(frame.data.subarray(at, at + step));
      this.audio.push({ payload, timestamp: (timestamp + at) >>> 0, marker: false, atMs }, false);
    }
  }

  /** The camera's own RTP time within the first run; later runs go on where the last one was, so that viewers see no jump. */
  #toTimestamp(
    kind: 'video' | 'audio',
    ptsTicks: number,
    timed: TimedFrame,
    line: Line<VideoTrack | AudioTrack>,
    clockRateHz: number,
  ): number {
    const ticks = Math.round((ptsTicks * clockRateHz) / line.track.clockRateHz);
    const last = this.#anchors[kind];
    if (line.offsetTicks === undefined) {
      const sinceMs = last ? Math.max(1, timed.receivedMs - last.receivedMs) : 0;
      line.offsetTicks = last ? last.timestamp + Math.round((sinceMs * clockRateHz) / 1000) - ticks : 0;
    }
    const wrapped = (ticks + line.offsetTicks) % 2 ** 32;
    const timestamp = wrapped < 0 ? wrapped + 2 ** 32 : wrapped;
    this.#anchors[kind] = { wallMs: timed.wallMs, receivedMs: timed.receivedMs, timestamp, clockRateHz };
    return timestamp;
  }
}

/** Key frames carry their parameter sets: cameras that send them in the SDP only would show no picture. */
function withParameterSets(frame: VideoFrame, track: VideoTrack): readonly NalUnit[] {
  const typeOf = (first: number): number => (track.codec === 'h264' ? first & 0x1f : (first >> 1) & 0x3f);
  const sent = new Set(frame.nalUnits.map(({ type }) => type));
  const missing = track.parameterSets.filter((set) => set.length > 0 && !sent.has(typeOf(set[0]!)));
  if (missing.length === 0) return frame.nalUnits;
  const sets = track.parameterSets.map((set) => ({ type: typeOf(set[0]!), parts: [set], sizeBytes: set.length }));
  return [...sets, ...frame.nalUnits];
}

function findLine<Kind extends 'video' | 'audio'>(
  tracks: readonly TrackDescription[],
  kind: Kind,
  before: Line<Extract<TrackDescription, { kind: Kind }>> | undefined,
): Line<Extract<TrackDescription, { kind: Kind }>> | undefined {
  const index = tracks.findIndex((track) => track.kind === kind);
  if (index < 0) return undefined;
  const track = tracks[index] as Extract<TrackDescription, { kind: Kind }>;
  const isSame = before?.track.clockRateHz === track.clockRateHz;
  return { index, track, offsetTicks: isSame ? before.offsetTicks : undefined };
}

/** What a viewer's answer rests on; a change of picture size is none of it. */
function toNegotiated(video: VideoTrack | undefined, audio: AudioTrack | undefined): string {
  return `${video?.codec} ${(video?.reorderDepth ?? 0) > 0} ${audio?.codec} ${audio?.clockRateHz}`;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
