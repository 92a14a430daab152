import type Hls from 'hls.js';
import type { LevelDetails } from 'hls.js';
import type { StreamName } from '@porchlight/contract/camera';
import { urlOf } from '../api.ts';
import { openWallMap, type WallMap } from './wall-map.ts';

/** What playback does now. `wallMs` is the time of the picture shown. */
export type PlaybackState = {
  readonly phase: 'loading' | 'playing' | 'paused' | 'ended' | 'failed';
  readonly wallMs: number;
};

export type Player = {
  /** Shows the picture of a time; plays on from there unless paused. */
  seek(wallMs: number): void;
  setPlaying(playing: boolean): void;
  setSpeed(speed: number): void;
  setMuted(muted: boolean): void;
  close(): void;
};

const beforeMs = 10_000;
const afterMs = 600_000;
/** What is loaded ahead: hardly anything until the first picture is there, because all of it would come before that picture. */
const aheadSeconds = { first: 1, then: 20 };
/** Some footage shows nothing until more of it is there: so long it has for a first picture by itself. */
const firstPictureMs = 600;

/**
 * Plays what is recorded, by wall time. Each window of footage is one playlist; the next is opened where one ends.
 * In: a video element. Out: state by callback, about four times a second and on every change.
 */
export function openPlayer(options: {
  readonly camera: string;
  readonly stream: StreamName | undefined;
  readonly video: HTMLVideoElement;
  readonly onState: (state: PlaybackState) => void;
}): Player {
  return new HlsPlayer(options);
}

class HlsPlayer implements Player {
  readonly #options: Parameters<typeof openPlayer>[0];
  #hls: Hls | undefined;
  #map: WallMap = openWallMap([]);
  #windowToMs = 0;
  #wantedMs = 0;
  #playing = true;
  #speed = 1;
  #phase: PlaybackState['phase'] = 'loading';
  #turn = 0;
  #loadingOn: ReturnType<typeof setTimeout> | undefined;
  #settled = false;
  #mediaTroubles = 0;
  readonly #leaving = new AbortController();

  constructor(options: Parameters<typeof openPlayer>[0]) {
    this.#options = options;
    const { video } = options;
    const on = (type: string, listener: () => void) =>
      video.addEventListener(type, listener, { signal: this.#leaving.signal });
    on('timeupdate', () => this.#tell());
    on('seeked', () => this.#settle());
    on('playing', () => this.#onPlaying());
    on('pause', () => !video.ended && this.#settled && this.#setPhase('paused'));
    on('waiting', () => this.#setPhase('loading'));
    on('ended', () => this.#onEnded());
    on('loadeddata', () => this.#settle());
    on('error', () => this.#hls === undefined && this.#setPhase('failed'));
  }

  #onPlaying(): void {
    this.#loadOn();
    this.#setPhase('playing');
  }

  #loadFirst(): void {
    clearTimeout(this.#loadingOn);
    this.#loadingOn = setTimeout(() => this.#loadOn(), firstPictureMs);
    this.#loadAhead(aheadSeconds.first);
  }

  /** Fast playing uses up its seconds fast. */
  #loadOn(): void {
    clearTimeout(this.#loadingOn);
    this.#loadAhead(aheadSeconds.then * Math.max(1, this.#speed));
  }

  /** Both, or what hls.js learns of the bit rate lets it load minutes ahead. */
  #loadAhead(seconds: number): void {
    if (this.#hls) this.#hls.config.maxBufferLength = this.#hls.config.maxMaxBufferLength = seconds;
  }

  #settle(): void {
    this.#settled = true;
    if (this.#options.video.readyState >= 2) this.#loadOn();
    performance.mark('porchlight:playback-picture');
    if (!this.#playing) this.#setPhase('paused');
    this.#tell();
  }

  seek(wallMs: number): void {
    this.#wantedMs = wallMs;
    const seconds = this.#map.toMediaSeconds(wallMs);
    if (seconds === undefined || this.#phase === 'failed') return this.#load(wallMs);
    this.#loadFirst();
    this.#options.video.currentTime = seconds;
    this.#tell();
    if (this.#playing) this.#play();
  }

  #load(wallMs: number): void {
    performance.mark('porchlight:playback-open');
    const turn = ++this.#turn;
    const { camera, stream, video } = this.#options;
    this.#hls?.destroy();
    this.#hls = undefined;
    this.#map = openWallMap([]);
    this.#settled = false;
    this.#windowToMs = wallMs + afterMs;
    this.#setPhase('loading');
    const query = { from: Math.max(0, Math.round(wallMs - beforeMs)), to: Math.round(this.#windowToMs), stream };
    const url = urlOf('getPlaylist', { params: { id: camera }, query });
    void import('hls.js').then(({ default: HlsClass }) => {
      if (turn !== this.#turn || this.#leaving.signal.aborted) return;
      if (HlsClass.isSupported()) this.#attach(HlsClass, url);
      else {
        video.src = url;
        video.addEventListener('loadedmetadata', () => this.#onNativeStart(), { once: true });
      }
    });
  }

  #attach(HlsClass: typeof Hls, url: string): void {
    const hls = new HlsClass({
      enableWorker: false,
      autoStartLoad: false,
      maxBufferLength: aheadSeconds.first,
      maxMaxBufferLength: aheadSeconds.first,
      backBufferLength: 60,
      liveDurationInfinity: true,
      maxLiveSyncPlaybackRate: 1,
      manifestLoadPolicy: {
        default: { maxTimeToFirstByteMs: 8000, maxLoadTimeMs: 15_000, timeoutRetry: null, errorRetry: null },
      },
    });
    let begun = false;
    hls.on(HlsClass.Events.LEVEL_LOADED, (_event, { details }) => {
      this.#map = toMap(details);
      if (begun) return;
      begun = true;
      const seconds = this.#map.toMediaSeconds(this.#wantedMs) ?? this.#map.parts[0]?.startSeconds ?? 0;
      hls.startLoad(seconds);
    });
    hls.on(HlsClass.Events.LEVEL_UPDATED, (_event, { details }) => (this.#map = toMap(details)));
    hls.on(HlsClass.Events.ERROR, (_event, data) => {
      if (data.details === HlsClass.ErrorDetails.BUFFER_STALLED_ERROR) performance.mark('porchlight:playback-stall');
      if (!data.fatal) return;
      if (data.type === HlsClass.ErrorTypes.MEDIA_ERROR && this.#mediaTroubles++ < 3) hls.recoverMediaError();
      else this.#setPhase(data.details === HlsClass.ErrorDetails.LEVEL_EMPTY_ERROR ? 'ended' : 'failed');
    });
    hls.on(HlsClass.Events.MANIFEST_PARSED, () => this.#playing && this.#play());
    hls.loadSource(url);
    hls.attachMedia(this.#options.video);
    this.#hls = hls;
    this.#loadFirst();
  }

  /** Players that read HLS by themselves say when their media time 0 was. */
  #onNativeStart(): void {
    const video = this.#options.video as HTMLVideoElement & { getStartDate?: () => Date };
    const wallMs = video.getStartDate?.().getTime() ?? Number.NaN;
    const known = Number.isFinite(wallMs) ? wallMs : this.#wantedMs - beforeMs;
    this.#map = openWallMap([{ startSeconds: 0, durationSeconds: afterMs / 1000 + 60, wallMs: known }]);
    video.currentTime = Math.max(0, (this.#wantedMs - known) / 1000);
    if (this.#playing) this.#play();
  }

  #play(): void {
    const { video } = this.#options;
    video.playbackRate = this.#speed;
    video.play().catch(() => undefined);
  }

  #onEnded(): void {
    const endMs = this.#map.toMs ?? this.#windowToMs;
    if (endMs < Date.now() - 3000 && this.#windowToMs - endMs < afterMs) {
      this.#wantedMs = Math.max(endMs, this.#windowToMs);
      return this.#load(this.#wantedMs);
    }
    this.#setPhase('ended');
  }

  setPlaying(playing: boolean): void {
    this.#playing = playing;
    if (playing && this.#phase === 'failed') this.#load(this.#wantedMs);
    else if (playing) this.#play();
    else this.#options.video.pause();
    this.#tell();
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#options.video.playbackRate = this.#options.video.defaultPlaybackRate = speed;
    if (this.#settled) this.#loadOn();
  }

  setMuted(muted: boolean): void {
    this.#options.video.muted = muted;
  }

  #setPhase(phase: PlaybackState['phase']): void {
    this.#phase = phase;
    this.#tell();
  }

  #tell(): void {
    const { video } = this.#options;
    const shown = this.#settled ? this.#map.toWallMs(video.currentTime) : undefined;
    if (shown !== undefined && !video.seeking) this.#wantedMs = shown;
    this.#options.onState({ phase: this.#phase, wallMs: this.#wantedMs });
  }

  close(): void {
    this.#leaving.abort();
    clearTimeout(this.#loadingOn);
    this.#turn++;
    this.#hls?.destroy();
    this.#options.video.removeAttribute('src');
    this.#options.video.load();
  }
}

function toMap(details: LevelDetails): WallMap {
  return openWallMap(
    details.fragments.flatMap(({ start, duration, programDateTime }) =>
      programDateTime == null ? [] : [{ startSeconds: start, durationSeconds: duration, wallMs: programDateTime }],
    ),
  );
}
