import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import type { TrackDescription } from '@porchlight/media/frame';
import { MediaError } from '@porchlight/media/frame';
import { openLoop, openMovie } from '@porchlight/media/mp4';
import type { Source, SourceEvents, SourceState } from '#camera';

/** How long until a file that could not be played is tried again. */
const retryMs = 5000;
/** Further behind than this (a laptop slept) the file goes on from where it was. */
const maxBehindMs = 2000;
const reportEveryMs = 5000;

/** What a file source is opened with. */
export type FileSourceOptions = {
  /** A path or a `file:` address of an MP4 or MOV. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: SourceEvents;
};

/** A movie that is open for reading. */
export type OpenFile = { readonly loop: ReturnType<typeof openLoop>; close(): void };

/** Opens an MP4 or MOV for playing on a loop; reads only what it needs, when it needs it. Throws what `toFileState` understands. */
export function openMovieFile(path: string): OpenFile {
  const file = openSync(path.startsWith('file:') ? fileURLToPath(path) : path, 'r');
  try {
    const { size: sizeBytes } = fstatSync(file);
    const readAt = (offsetBytes: number, lengthBytes: number): Uint8Array => {
      const bytes = new Uint8Array(lengthBytes);
      const read = readSync(file, bytes, 0, lengthBytes, offsetBytes);
      return read === lengthBytes ? bytes : bytes.subarray(0, read);
    };
    const loop = openLoop(openMovie({ sizeBytes, readAt }));
    if (!loop.tracks.some((track) => track.kind === 'video')) throw new MediaError('unsupported', 'No video track');
    return { loop, close: () => closeSync(file) };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Why a file does not play, in words. */
export function toFileState(error: unknown): SourceState & { reason: string; message: string; fix: string } {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return {
      status: 'error',
      reason: 'no-file',
      message: 'The file does not exist.',
      fix: 'Check its path on the machine that the agent runs on.',
    };
  if (code === 'EACCES' || code === 'EPERM')
    return { status: 'error', reason: 'no-file', message: 'The file may not be read.', fix: 'Let the agent read it.' };
  if (code === 'EISDIR')
    return { status: 'error', reason: 'no-file', message: 'This is a folder.', fix: 'Name an MP4 or MOV file.' };
  if (error instanceof MediaError && error.reason === 'unsupported')
    return {
      status: 'error',
      reason: 'unsupported-codec',
      message: `The file holds nothing that can be played (${error.message}).`,
      fix: 'Use MP4 or MOV with H.264 or H.265 video.',
    };
  if (error instanceof MediaError)
    return {
      status: 'error',
      reason: 'damaged-file',
      message: `The file is not a whole MP4 or MOV (${error.message}).`,
      fix: 'Copy it again, or convert it.',
    };
  return {
    status: 'error',
    reason: 'no-file',
    message: `The file cannot be read (${code ?? 'unknown error'}).`,
    fix: 'See the log of the agent.',
  };
}

/** Plays a file on a seamless loop, each frame when it is due, until closed. */
export function openFileSource(options: FileSourceOptions): Source {
  return new FilePlayer(options);
}

class FilePlayer implements Source {
  readonly #options: FileSourceOptions;
  #file: OpenFile | undefined;
  #timer: Timer | undefined;
  #startMs = 0;
  #reportMs = 0;
  #next: ReturnType<OpenFile['loop']['next']> | undefined;
  #frames = 0;
  #bytes = 0;
  #reopened = 0;
  #closed = false;

  constructor(options: FileSourceOptions) {
    this.#options = options;
    options.events.onState({ status: 'starting' });
    this.#timer = options.clock.after(0, () => this.#open());
  }

  stats(): ReturnType<Source['stats']> {
    return {
      transport: 'file',
      packetsReceived: this.#frames,
      packetsLost: 0,
      bytesReceived: this.#bytes,
      reconnects: this.#reopened,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#file?.close();
    this.#file = undefined;
  }

  #open(): void {
    const { path, clock, events } = this.#options;
    try {
      this.#file = openMovieFile(path);
      this.#next = this.#file.loop.next();
    } catch (error) {
      this.#fail(error);
      return;
    }
    events.onTracks(this.#file.loop.tracks);
    events.onState({ status: 'online' });
    this.#startMs = clock.monotonicMs() - this.#next.dueMs;
    this.#reportMs = 0;
    this.#play();
  }

  /** Sends what is due, then sleeps until the next frame is. */
  #play(): void {
    const { clock, events } = this.#options;
    const nowMs = clock.monotonicMs();
    try {
      while (this.#file && this.#next) {
        const { frame, dueMs } = this.#next;
        const atMs = this.#startMs + dueMs;
        if (nowMs - atMs > maxBehindMs) this.#startMs += nowMs - atMs;
        else if (atMs > nowMs) {
          this.#timer = clock.after(Math.max(1, atMs - nowMs), () => this.#play());
          return;
        }
        this.#frames++;
        this.#bytes += frame.kind === 'video' ? frame.sizeBytes : frame.data.length;
        events.onFrame(frame, Math.min(nowMs, this.#startMs + dueMs));
        this.#report(this.#file.loop.tracks, dueMs);
        if (this.#closed) return;
        this.#next = this.#file.loop.next();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** All tracks of a file share one time line; reports say so, as a camera's do. */
  #report(tracks: readonly TrackDescription[], dueMs: number): void {
    if (dueMs < this.#reportMs) return;
    this.#reportMs = dueMs + reportEveryMs;
    for (const track of tracks.keys()) this.#options.events.onSenderReport({ track, ntpMs: 0, rtpTicks: 0 });
  }

  #fail(error: unknown): void {
    const { clock, log, events } = this.#options;
    this.#file?.close();
    this.#file = undefined;
    this.#next = undefined;
    const state = toFileState(error);
    log.warn('A video file does not play', { reason: state.reason, error });
    if (this.#closed) return;
    this.#reopened++;
    events.onState(state);
    this.#timer = clock.after(retryMs, () => this.#open());
  }
}
