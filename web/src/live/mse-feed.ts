import { socketUrlOf } from '../api.ts';
import { findMediaSource } from './ability.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { openLowWater, openTarget, toCorrection } from './latency.ts';
import { parseMseMessage } from './mse-message.ts';

/** Ends that waiting on the same socket does not mend. */
const refusals = new Set(['no-stream', 'no-video', 'too-many-viewers', 'session-ended']);
/** Removing takes everything up to the next key frame with it, so what is kept must be longer than a group of pictures. */
const keepSeconds = 20;
const holdPeriodMs = 100;
const lowWaterMs = 300;
/** After a seek the picture waits for its decoder: no stall, and no reason for another seek. */
const seekGraceMs = 2000;
const target = { leastSeconds: 0.07, mostSeconds: 1 };
const largestQueueBytes = 24_000_000;
const largestAppendBytes = 4_000_000;

type Piece = ArrayBuffer | { readonly type: string } | 'live';

/** Fragmented MP4 over a WebSocket into Media Source Extensions; distance to live is held by speed and seeks. */
export function openMseFeed(options: FeedOptions): Feed {
  const feed = new MseFeed(options);
  feed.start();
  return feed;
}

class MseFeed implements Feed {
  readonly element: HTMLVideoElement;
  readonly #options: FeedOptions;
  readonly #target = openTarget(target.leastSeconds, target.mostSeconds);
  readonly #reserve = openLowWater(lowWaterMs);
  #socket: WebSocket | undefined;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #address: string | undefined;
  #queue: Piece[] = [];
  #queueBytes = 0;
  #bytesReceived = 0;
  #holding: ReturnType<typeof setInterval> | undefined;
  /** All that the house had kept is in the buffer: from now on it grows as time goes by. */
  #isLive = false;
  /** The group of pictures that came first has been jumped over. */
  #hasCaughtUp = false;
  #soughtMs = 0;
  #closed = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.element = options.video;
  }

  start(): void {
    const Source = findMediaSource();
    if (!Source) return this.#fail('no-api');
    const { camera, stream, sound, video } = this.#options;
    this.#source = new Source();
    video.disableRemotePlayback = true;
    this.#address = URL.createObjectURL(this.#source);
    video.src = this.#address;
    video.onwaiting = () => this.#onWaiting();
    video.onerror = () => this.#fail('decode-failed');
    const query = { stream, audio: sound ? ('true' as const) : ('false' as const) };
    const socket = new WebSocket(socketUrlOf('openMse', { params: { id: camera }, query }));
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer | string>) => this.#onMessage(data);
    socket.onclose = () => this.#fail('connection-lost');
    this.#socket = socket;
    this.#source.addEventListener('sourceopen', () => this.#pump(), { once: true });
    this.#holding = setInterval(() => this.#hold(), holdPeriodMs);
  }

  #fail(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.onFailure(reason);
  }

  #onMessage(data: ArrayBuffer | string): void {
    if (typeof data !== 'string') {
      this.#queueBytes += data.byteLength;
      this.#bytesReceived += data.byteLength;
      if (this.#queueBytes > largestQueueBytes) return this.#fail('stalled');
      this.#queue.push(data);
      return this.#pump();
    }
    const message = parseMseMessage(data);
    // A source that only pauses comes back on this socket; the watch over pictures decides how long to wait.
    if (message?.kind === 'end' && refusals.has(message.reason)) this.#fail(message.reason);
    if (message?.kind === 'live') this.#queue.push('live');
    if (message?.kind === 'tracks') {
      const type = `video/mp4; codecs="${message.codecs}"`;
      if (!findMediaSource()?.isTypeSupported(type)) return this.#fail('codec-unsupported');
      this.#queue.push({ type });
    }
    this.#pump();
  }

  /** Hands the next pieces to the browser; called again whenever it has taken some. */
  #pump(): void {
    const source = this.#source;
    if (this.#closed || source?.readyState !== 'open' || this.#buffer?.updating) return;
    const next = this.#takePiece();
    if (next === undefined) return;
    try {
      if (next === 'live') {
        this.#isLive = true;
        this.#catchUp();
        return this.#pump();
      }
      if ('type' in next) {
        this.#setType(source, next.type);
        return this.#pump();
      }
      this.#noteReserve();
      this.#buffer?.appendBuffer(next);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom(next);
      else this.#fail('decode-failed');
    }
  }

  /** The first piece that waits; fragments that wait together go together, or a group of a hundred would take a hundred turns. */
  #takePiece(): Piece | undefined {
    const first = this.#queue.shift();
    if (!(first instanceof ArrayBuffer)) return first;
    const parts = [first];
    let sizeBytes = first.byteLength;
    for (let next = this.#queue[0]; next instanceof ArrayBuffer; next = this.#queue[0]) {
      if (sizeBytes + next.byteLength > largestAppendBytes) break;
      sizeBytes += next.byteLength;
      parts.push(next);
      this.#queue.shift();
    }
    this.#queueBytes -= sizeBytes;
    return parts.length === 1 ? first : joinBytes(parts, sizeBytes);
  }

  /** How much was still unplayed when this piece came. */
  #noteReserve(): void {
    const { buffered, currentTime } = this.element;
    if (buffered.length === 0 || !this.#hasCaughtUp) return;
    this.#reserve.add(buffered.end(buffered.length - 1) - currentTime, performance.now());
  }

  #setType(source: MediaSource, type: string): void {
    if (this.#buffer) return this.#buffer.changeType(type);
    this.#buffer = source.addSourceBuffer(type);
    this.#buffer.addEventListener('updateend', () => {
      this.#begin();
      this.#pump();
    });
    this.#buffer.addEventListener('error', () => this.#fail('decode-failed'));
  }

  /** The buffer is full: what was played goes; when nothing was, the picture jumps to now first. */
  #makeRoom(next: Piece): void {
    this.#queue.unshift(next);
    if (next instanceof ArrayBuffer) this.#queueBytes += next.byteLength;
    const video = this.element;
    const start = video.buffered.length > 0 ? video.buffered.start(0) : 0;
    if (video.currentTime - start < 2) this.#seekBack(this.#target.seconds());
    if (video.currentTime - start < 1) return this.#fail('stalled');
    if (this.#buffer && !this.#buffer.updating) this.#buffer.remove(0, video.currentTime - 1);
  }

  #begin(): void {
    const video = this.element;
    const { buffered } = video;
    if (buffered.length === 0) return;
    if (video.currentTime < buffered.start(0)) video.currentTime = buffered.start(0);
    if (video.paused) void video.play().catch(() => undefined);
    this.#catchUp();
  }

  #onWaiting(): void {
    const fresh = performance.now() - this.#soughtMs < seekGraceMs;
    if (this.#hasCaughtUp && !this.element.seeking && !fresh) this.#target.stalled();
  }

  /** What was sent first begins with a key frame up to seconds old: it is shown at once and left behind when all of it is there. */
  #catchUp(): void {
    const video = this.element;
    const { buffered } = video;
    if (this.#hasCaughtUp || !this.#isLive || buffered.length === 0 || video.readyState < 2) return;
    this.#hasCaughtUp = true;
    const targetSeconds = this.#target.seconds();
    if (buffered.end(buffered.length - 1) - video.currentTime > 2 * targetSeconds + 0.1) this.#seekBack(targetSeconds);
  }

  #seekBack(seconds: number): void {
    const { buffered } = this.element;
    if (buffered.length === 0) return;
    this.#soughtMs = performance.now();
    this.#reserve.clear();
    this.element.currentTime = Math.max(buffered.start(0), buffered.end(buffered.length - 1) - seconds);
  }

  /** Ten times a second: nearer to live, and old pictures out. */
  #hold(): void {
    const video = this.element;
    const { buffered } = video;
    if (buffered.length === 0 || document.hidden) return;
    this.#catchUp();
    if (!this.#hasCaughtUp || video.seeking) return;
    const nowMs = performance.now();
    const lagSeconds = buffered.end(buffered.length - 1) - video.currentTime;
    const reserveSeconds = Math.min(lagSeconds, this.#reserve.least(nowMs) ?? lagSeconds);
    const correction = { reserveSeconds, targetSeconds: this.#target.seconds(), audible: !video.muted };
    const { rate, seekBackSeconds } = toCorrection(correction);
    if (seekBackSeconds !== undefined && nowMs - this.#soughtMs > seekGraceMs) this.#seekBack(seekBackSeconds);
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.readyState >= 3) this.#target.calm(holdPeriodMs / 1000);
    const start = buffered.start(0);
    if (this.#buffer && !this.#buffer.updating && video.currentTime - start > 2 * keepSeconds)
      this.#buffer.remove(start, video.currentTime - keepSeconds);
  }

  goLive(): void {
    this.#seekBack(this.#target.seconds());
    void this.element.play().catch(() => undefined);
  }

  async stats() {
    const { buffered, currentTime } = this.element;
    const lag =
      buffered.length > 0 ? { lagMs: Math.round((buffered.end(buffered.length - 1) - currentTime) * 1000) } : {};
    const { droppedVideoFrames } = this.element.getVideoPlaybackQuality();
    return { ...lag, bytesReceived: this.#bytesReceived, framesDropped: droppedVideoFrames };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#holding);
    if (this.#socket) {
      this.#socket.onclose = this.#socket.onmessage = null;
      this.#socket.close();
    }
    this.#queue = [];
    this.element.onerror = this.element.onwaiting = null;
    this.element.removeAttribute('src');
    this.element.load();
    if (this.#address !== undefined) URL.revokeObjectURL(this.#address);
  }
}

function joinBytes(parts: readonly ArrayBuffer[], sizeBytes: number): ArrayBuffer {
  const joined = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    joined.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return joined.buffer;
}
