import type { Clock, Timer } from '@porchlight/base/clock';
import type { LiveStart } from '@porchlight/contract/endpoints';
import { MediaError } from '@porchlight/media/frame';
import { parseRtcp, writeRtcp } from '@porchlight/media/rtp';
import type { Peer, RtpFeed, SendLine } from '#webrtc';

/** What one viewer got and said. */
export type WhepViewerStats = {
  readonly packetsSent: number;
  readonly bytesSent: number;
  readonly packetsResent: number;
  readonly nacksIgnored: number;
  readonly pictureLosses: number;
};

/** One WebRTC viewer, from its answer to its end. */
export type WhepViewer = {
  readonly stats: WhepViewerStats;
  /** Monotonic time at which it last gave a sign of life; undefined until it is connected. */
  lastHeardMs(): number | undefined;
  close(): Promise<void>;
};

const burstPackets = 10;
const burstPeriodMs = 5;
/** A replay may last this long; a larger group is sent in larger bursts. */
const longestReplayMs = 400;
const reportPeriodMs = 1000;

/**
 * Connects and serves a viewer. When it is connected the current group of pictures is replayed, paced, from the shared
 * ring (`start: 'next'` waits for the next group instead); when the ring's end is reached live packets follow in the same call, so that nothing is lost or reordered between.
 * `onLost` is called once when it cannot be connected or is gone.
 */
export function openWhepViewer(options: {
  readonly peer: Peer;
  readonly feed: RtpFeed;
  readonly video: SendLine;
  readonly audio: SendLine | undefined;
  readonly cname: string;
  readonly start: LiveStart;
  readonly clock: Clock;
  /** Called once, when connected. */
  onConnected(): void;
  onLost(why: 'never-connected' | 'viewer-gone' | 'tracks-changed'): void;
}): WhepViewer {
  const viewer = new Viewer(options);
  viewer.connect();
  return viewer;
}

type ViewerOptions = Parameters<typeof openWhepViewer>[0];

class Viewer implements WhepViewer {
  readonly #options: ViewerOptions;
  readonly #leave: () => void;
  #reports: Timer | undefined;
  #replay: Timer | undefined;
  #burst = burstPackets;
  #isConnected = false;
  #isLive = false;
  #isClosed = false;
  #heardMs: number | undefined;
  /** Groups that start before this index of the ring are not for this viewer. */
  #notBefore = 0;
  #checks = 0;
  #pictureLosses = 0;

  constructor(options: ViewerOptions) {
    this.#options = options;
    this.#leave = options.feed.attach({
      onPackets: () => this.#onPackets(),
      onTracksChanged: () => this.#lost('tracks-changed'),
    });
  }

  get stats(): WhepViewerStats {
    const { video, audio } = this.#options;
    return {
      packetsSent: video.stats.packetsSent + (audio?.stats.packetsSent ?? 0),
      bytesSent: video.stats.bytesSent + (audio?.stats.bytesSent ?? 0),
      packetsResent: video.stats.packetsResent + (audio?.stats.packetsResent ?? 0),
      nacksIgnored: video.stats.nacksIgnored + (audio?.stats.nacksIgnored ?? 0),
      pictureLosses: this.#pictureLosses,
    };
  }

  connect(): void {
    const { peer, clock } = this.#options;
    peer
      .connect(
        (compound) => this.#onRtcp(compound),
        () => this.#lost('viewer-gone'),
      )
      .then(
        () => {
          if (this.#isClosed) return;
          this.#isConnected = true;
          this.#options.onConnected();
          this.#heardMs = clock.monotonicMs();
          this.#reports = clock.every(reportPeriodMs, () => this.#report());
          if (this.#options.start === 'next') this.#notBefore = this.#options.feed.video.next;
          this.#begin();
        },
        () => this.#lost('never-connected'),
      );
  }

  lastHeardMs(): number | undefined {
    const checks = this.#options.peer.checksReceived();
    if (this.#isConnected && checks !== this.#checks) {
      this.#checks = checks;
      this.#heardMs = this.#options.clock.monotonicMs();
    }
    return this.#heardMs;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#leave();
    this.#reports?.cancel();
    this.#replay?.cancel();
    await this.#options.peer.close();
  }

  #lost(why: Parameters<ViewerOptions['onLost']>[0]): void {
    if (!this.#isClosed) this.#options.onLost(why);
  }

  #begin(): void {
    const { video, feed, clock } = this.#options;
    const { groupStart } = feed.video;
    if (groupStart === undefined || groupStart < this.#notBefore) return;
    video.startAt(groupStart, clock.monotonicMs());
    const bursts = longestReplayMs / burstPeriodMs;
    this.#burst = Math.max(burstPackets, Math.ceil((feed.video.next - groupStart) / bursts));
    this.#pump();
  }

  /** One burst of the replay; the last one goes on live. */
  #pump(): void {
    if (this.#isClosed) return;
    const { video, audio, feed, clock } = this.#options;
    video.pump(this.#burst);
    if (!video.isLevel) {
      this.#replay = clock.after(burstPeriodMs, () => this.#pump());
      return;
    }
    this.#isLive = true;
    audio?.startAt(feed.audio.next, clock.monotonicMs());
    this.#report();
  }

  #onPackets(): void {
    const { video, audio } = this.#options;
    if (!this.#isConnected || this.#isClosed) return;
    if (!video.isStarted) this.#begin();
    else if (this.#isLive) {
      video.pump(Infinity);
      audio?.pump(Infinity);
    }
  }

  #onRtcp(compound: Uint8Array): void {
    const { clock, video, audio } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#heardMs = nowMs;
    for (const packet of parseCompound(compound)) {
      if (packet.kind === 'nack') {
        const line = [video, audio].find((candidate) => candidate?.ssrc === packet.mediaSsrc);
        line?.resend(packet.sequenceNumbers, nowMs);
      } else if (packet.kind === 'picture-loss' || packet.kind === 'full-intra-request') {
        // A camera cannot be asked for a key frame; the next one comes with its group of pictures.
        this.#pictureLosses++;
      }
    }
  }

  /** Sender reports carry the capture time, so that sound and picture meet. @see RFC 3550 6.4.1 */
  #report(): void {
    const { video, audio, feed, peer, cname, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    for (const [kind, line] of [['video', video] as const, ['audio', audio] as const]) {
      const anchor = feed.anchor(kind);
      if (!line?.isStarted || !anchor) continue;
      const sinceMs = nowMs - anchor.receivedMs;
      const ticks = anchor.timestamp + Math.round((sinceMs * anchor.clockRateHz) / 1000);
      peer.sendRtcp(
        writeRtcp([
          {
            kind: 'sender-report',
            ssrc: line.ssrc,
            ntpMs: anchor.wallMs + sinceMs,
            rtpTimestamp: ticks % 2 ** 32,
            packetCount: line.stats.packetsSent % 2 ** 32,
            octetCount: line.stats.bytesSent % 2 ** 32,
            reports: [],
          },
          { kind: 'source-description', ssrc: line.ssrc, cname },
        ]),
      );
    }
  }
}

function parseCompound(compound: Uint8Array): ReturnType<typeof parseRtcp> {
  try {
    return parseRtcp(compound);
  } catch (error) {
    if (error instanceof MediaError) return [];
    throw error;
  }
}
