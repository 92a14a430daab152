import { socketUrlOf } from '../api.ts';
import { findMediaSource } from './ability.ts';
import type { Feed, FeedOptions } from './feed.ts';
import { openTarget, toCorrection } from './latency.ts';
import { parseMseMessage } from './mse-message.ts';

/** Ends that waiting on the same socket does not mend. */
const refusals = new Set(['no-stream', 'no-video', 'too-many-viewers', 'session-ended']);
const keepSeconds = 12;
const holdPeriodMs = 100;
const largestQueueBytes = 24_000_000;

/** Fragmented MP4 over a WebSocket into Media Source Extensions; distance to live is held by speed and seeks. */
export function openMseFeed(options: FeedOptions): Feed {
  const feed = new MseFeed(options);
  feed.start();
  return feed;
}

class MseFeed implements Feed {
  readonly element: HTMLVideoElement;
  readonly #options: FeedOptions;
  readonly #target = openTarget(0.12, 1);
  #socket: WebSocket | undefined;
  #source: MediaSource | undefined;
  #buffer: SourceBuffer | undefined;
  #address: string | undefined;
  #queue: (BufferSource | { type: string })[] = [];
  #queueBytes = 0;
  #bytesReceived = 0;
  #holding: ReturnType<typeof setInterval> | undefined;
  /** The group of pictures that came first has been jumped over. */
  #hasCaughtUp = false;
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
    video.onwaiting = () => this.#hasCaughtUp && !video.seeking && this.#target.stalled();
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
    if (message?.kind !== 'tracks') return;
    const type = `video/mp4; codecs="${message.codecs}"`;
    if (!findMediaSource()?.isTypeSupported(type)) return this.#fail('codec-unsupported');
    this.#queue.push({ type });
    this.#pump();
  }

  /** Hands the next piece to the browser; called again whenever it has taken one. */
  #pump(): void {
    const source = this.#source;
    if (this.#closed || source?.readyState !== 'open' || this.#buffer?.updating) return;
    const next = this.#queue.shift();
    if (next === undefined) return;
    try {
      if ('type' in next) {
        this.#setType(source, next.type);
        return this.#pump();
      }
      this.#queueBytes -= next.byteLength;
      this.#buffer?.appendBuffer(next);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') this.#makeRoom(next);
      else this.#fail('decode-failed');
    }
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

  #makeRoom(next: BufferSource | { type: string }): void {
    this.#queue.unshift(next);
    if (!('type' in next)) this.#queueBytes += next.byteLength;
    const keepFrom = Math.max(0.1, this.element.currentTime - 1);
    if (this.#buffer && !this.#buffer.updating) this.#buffer.remove(0, keepFrom);
  }

  #begin(): void {
    const video = this.element;
    const { buffered } = video;
    if (buffered.length === 0) return;
    if (video.currentTime < buffered.start(0)) video.currentTime = buffered.start(0);
    if (video.paused) void video.play().catch(() => undefined);
  }

  /** Ten times a second: nearer to live, and old pictures out. */
  #hold(): void {
    const video = this.element;
    const { buffered } = video;
    if (buffered.length === 0 || document.hidden) return;
    const end = buffered.end(buffered.length - 1);
    const lagSeconds = end - video.currentTime;
    const targetSeconds = this.#target.seconds();
    if (!this.#hasCaughtUp && video.readyState >= 2) {
      // What was sent first begins with a key frame up to seconds old: shown at once, then left behind.
      this.#hasCaughtUp = true;
      if (lagSeconds > 2 * targetSeconds) video.currentTime = end - targetSeconds;
      return;
    }
    const { rate, seekBackSeconds } = toCorrection({ lagSeconds, targetSeconds });
    if (seekBackSeconds !== undefined) video.currentTime = Math.max(0, end - seekBackSeconds);
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.readyState >= 3) this.#target.calm();
    const start = buffered.start(0);
    if (this.#buffer && !this.#buffer.updating && video.currentTime - start > 2 * keepSeconds)
      this.#buffer.remove(start, video.currentTime - keepSeconds);
  }

  goLive(): void {
    const { buffered } = this.element;
    if (buffered.length > 0) this.element.currentTime = buffered.end(buffered.length - 1) - this.#target.seconds();
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
