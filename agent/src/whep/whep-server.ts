import { randomBytes, randomInt } from 'node:crypto';
import type { Clock } from '@porchlight/base/clock';
import type { IceSettings } from '@porchlight/base/config';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import type { LiveStart } from '@porchlight/contract/endpoints';
import type { CameraId } from '@porchlight/contract/ids';
import type { AudioTrack } from '@porchlight/media/frame';
import type { FindStream, Leases, LiveStream } from '#lease';
import {
  type AnsweredTrack,
  chooseAudio,
  chooseVideo,
  type LocalTransport,
  type Offer,
  parseOffer,
  writeAnswer,
} from '#offer';
import { openPeer, openRtpFeed, openSendLine, type Peer, type RtpFeed, type SendLine } from '#webrtc';
import { openJoinQueue } from './join-queue.ts';
import { hasBPictures, refusals, type WhepRefusal } from './whep-refusal.ts';
import { openWhepViewer, type WhepViewer, type WhepViewerStats } from './whep-viewer.ts';

/** Who wants to see what. */
export type WhepRequest = {
  readonly camera: CameraId;
  readonly stream: StreamName;
  readonly sid: string;
  /** `next`: no replay, the first packet is the next key frame's. Default `group`. */
  readonly start?: LiveStart;
  /** Address of this box at which the viewer's request came in: it stands first in the answer. */
  readonly reachedAt?: string;
};

/** What becomes of the sound: sent, not there, not asked for, or in a coding that only MSE carries. */
export type WhepAudio = 'sent' | 'none' | 'aac-needs-mse' | 'needs-mse';

/** An answer (201) or why there is none. */
export type WhepAnswer =
  { readonly status: 201; readonly sdp: string; readonly leaseId: string; readonly audio: WhepAudio } | WhepRefusal;

/** WebRTC viewers of one shard. */
export type WhepServer = {
  /** Never throws for what the offer says. */
  answer(offer: string, request: WhepRequest): Promise<WhepAnswer>;
  /** Sums over all viewers there ever were. */
  stats(): WhepViewerStats;
  close(): Promise<void>;
};

const connectLimitMs = 10_000;
const silenceLimitMs = 5000;
const reapPeriodMs = 1000;
/** A viewer that cannot reach us by UDP must not keep others from joining for as long as it tries. */
const longestJoinMs = 1500;

type Entry = { readonly viewer: WhepViewer; readonly leaseId: string; readonly openedMs: number };
type Join = {
  readonly offer: Offer;
  readonly stream: LiveStream;
  readonly request: WhepRequest;
  readonly leaveQueue: () => void;
  readonly audio: AudioTrack | undefined;
  readonly payloadType: number;
};
type Deps = {
  readonly findStream: FindStream;
  readonly leases: Leases;
  readonly ice: IceSettings;
  readonly clock: Clock;
  readonly log: Log;
};

/** Opens the WHEP side of live view. Nothing is loaded or listened on before the first offer. */
export function openWhepServer(deps: Deps): WhepServer {
  return new Server(deps);
}

class Server implements WhepServer {
  readonly #deps: Deps;
  readonly #feeds = new Map<LiveStream, RtpFeed>();
  readonly #entries = new Map<string, Entry>();
  readonly #queue;
  readonly #reaping;
  #past: WhepViewerStats = { packetsSent: 0, bytesSent: 0, packetsResent: 0, nacksIgnored: 0, pictureLosses: 0 };

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#queue = openJoinQueue({ places: 4, waiting: 100, waitMs: 8000, clock: deps.clock });
    this.#reaping = deps.clock.every(reapPeriodMs, () => this.#reap());
  }

  async answer(text: string, request: WhepRequest): Promise<WhepAnswer> {
    const offer = parseOffer(text);
    if ('problem' in offer) return refusals.badOffer(offer.problem);
    const stream = this.#deps.findStream(request.camera, request.stream);
    if (!stream) return refusals.noStream();
    const video = stream.tracks.find((track) => track.kind === 'video');
    const audio = stream.tracks.find((track) => track.kind === 'audio');
    if (!video) return refusals.noVideo();
    if (hasBPictures(video, stream.gop)) return refusals.bFrames();
    const payload = chooseVideo(offer.sections[offer.video]!, video);
    if (!payload) return video.codec === 'h265' ? refusals.h265NotOffered() : refusals.h264NotOffered();
    const leaveQueue = await this.#queue.enter();
    if (!leaveQueue) return refusals.tooManyJoining();
    try {
      return await this.#join({ offer, stream, request, leaveQueue, audio, payloadType: payload.payloadType });
    } catch (error) {
      leaveQueue();
      throw error;
    }
  }

  stats(): WhepViewerStats {
    let sum = this.#past;
    for (const { viewer } of this.#entries.values()) sum = addStats(sum, viewer.stats);
    return sum;
  }

  async close(): Promise<void> {
    this.#reaping.cancel();
    await Promise.all([...this.#entries.values()].map(({ viewer }) => viewer.close()));
  }

  async #join(join: Join): Promise<WhepAnswer> {
    const { leases, ice, log } = this.#deps;
    const { leaveQueue } = join;
    const { camera, stream, sid } = join.request;
    let peer: Peer | undefined;
    const lease = leases.open({ kind: 'whep', camera, stream, sid }, (why, { id, camera }) => {
      log.debug('A WebRTC viewer left', { camera, why });
      leaveQueue();
      this.#forget(id);
      peer?.close().catch(() => undefined);
    });
    if (!lease) {
      leaveQueue();
      return refusals.tooManyViewers();
    }
    try {
      peer = await openPeer(join.offer.transport, ice);
    } catch (error) {
      leases.end(lease.id, 'failed');
      throw error;
    }
    if (leases.has(lease.id) && peer.local.candidates.length > 0) return this.#serve(join, peer, lease.id);
    await peer.close();
    return leases.end(lease.id, 'failed') ? refusals.noAddress() : refusals.sessionEnded();
  }

  #serve(join: Join, peer: Peer, leaseId: string): WhepAnswer {
    const { offer, leaveQueue } = join;
    const { clock, leases } = this.#deps;
    const feed = this.#feedOf(join.stream);
    const video = toLine(peer, feed.video, join.payloadType);
    const { audio, audioState } = toAudio(peer, feed, offer, join.audio);
    const cname = randomBytes(8).toString('hex');
    const viewer = openWhepViewer({
      peer,
      feed,
      video: video.line,
      audio: audio?.line,
      cname,
      start: join.request.start ?? 'group',
      clock,
      onConnected: leaveQueue,
      onLost: (why) => void leases.end(leaseId, why === 'tracks-changed' ? 'failed' : why),
    });
    clock.after(longestJoinMs, leaveQueue);
    this.#entries.set(leaseId, { viewer, leaseId, openedMs: clock.monotonicMs() });
    const sdp = writeAnswer({
      offer,
      local: toNearestFirst(peer.local, join.request.reachedAt),
      video: video.answered,
      audio: audio?.answered,
      sessionId: String(randomInt(1, 2 ** 47)),
      cname,
    });
    return { status: 201, sdp, leaseId, audio: audioState };
  }

  #feedOf(stream: LiveStream): RtpFeed {
    const known = this.#feeds.get(stream);
    if (known) return known;
    const feed = openRtpFeed({ stream, clock: this.#deps.clock, onIdle: () => void this.#feeds.delete(stream) });
    this.#feeds.set(stream, feed);
    return feed;
  }

  #forget(leaseId: string): void {
    const entry = this.#entries.get(leaseId);
    if (!entry) return;
    this.#entries.delete(leaseId);
    this.#past = addStats(this.#past, entry.viewer.stats);
    entry.viewer.close().catch((error: unknown) => this.#deps.log.debug('A viewer did not close cleanly', { error }));
  }

  /** Viewers that vanish say nothing: they are found by their silence. */
  #reap(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const { viewer, leaseId, openedMs } of [...this.#entries.values()]) {
      const heardMs = viewer.lastHeardMs();
      if (heardMs === undefined && nowMs - openedMs > connectLimitMs) this.#deps.leases.end(leaseId, 'never-connected');
      else if (heardMs !== undefined && nowMs - heardMs > silenceLimitMs) this.#deps.leases.end(leaseId, 'viewer-gone');
    }
  }
}

/**
 * Browsers check one candidate after the other, about 50 ms apart: the address that the viewer has reached already goes
 * first, before those of other networks and of bridges on this box.
 */
function toNearestFirst(local: LocalTransport, reachedAt: string | undefined): LocalTransport {
  const isNear = (candidate: string): number => (candidate.split(' ')[4] === reachedAt ? 0 : 1);
  return { ...local, candidates: [...local.candidates].sort((one, other) => isNear(one) - isNear(other)) };
}

function toLine(peer: Peer, ring: RtpFeed['video'], payloadType: number): { line: SendLine; answered: AnsweredTrack } {
  const ssrc = randomInt(1, 2 ** 32);
  const line = openSendLine({ ring, peer, payloadType, ssrc, firstSequenceNumber: randomInt(1, 2 ** 15) });
  return { line, answered: { payloadType, ssrc } };
}

function toAudio(
  peer: Peer,
  feed: RtpFeed,
  offer: Offer,
  track: AudioTrack | undefined,
): { audio: ReturnType<typeof toLine> | undefined; audioState: WhepAudio } {
  if (!track || offer.audio === undefined) return { audio: undefined, audioState: 'none' };
  const payload = chooseAudio(offer.sections[offer.audio]!, track);
  if (payload) return { audio: toLine(peer, feed.audio, payload.payloadType), audioState: 'sent' };
  return { audio: undefined, audioState: track.codec === 'aac' ? 'aac-needs-mse' : 'needs-mse' };
}

function addStats(a: WhepViewerStats, b: WhepViewerStats): WhepViewerStats {
  return {
    packetsSent: a.packetsSent + b.packetsSent,
    bytesSent: a.bytesSent + b.bytesSent,
    packetsResent: a.packetsResent + b.packetsResent,
    nacksIgnored: a.nacksIgnored + b.nacksIgnored,
    pictureLosses: a.pictureLosses + b.pictureLosses,
  };
}
