import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { openBackoff, type Backoff } from '@porchlight/base/retry';
import type { Transport } from '@porchlight/contract/camera';
import type { ChallengeMemory, Credentials } from './authorization.ts';
import { parseCameraAddress } from './camera-address.ts';
import type { CertificatePins } from './certificate-pins.ts';
import { CameraError, toSourceState } from './camera-error.ts';
import type { Source, SourceEvents, SourceStats } from './camera-events.ts';
import { defaultCameraTimes, type CameraTimes } from './camera-times.ts';
import { MediaSession } from './media-session.ts';
import { openRtspSession, type RtspSession } from './rtsp-session.ts';

/** What a camera is opened with. */
export type CameraOptions = {
  /** `rtsp://` or `rtsps://`, without credentials. */
  readonly url: string;
  readonly transport: Transport;
  readonly credentials?: Credentials;
  readonly clock: Clock;
  readonly log: Log;
  readonly events: SourceEvents;
  readonly times?: Partial<CameraTimes>;
  /** Remembers certificates of `rtsps` cameras; without, any is taken. */
  readonly pins?: CertificatePins | undefined;
  /** Told of each read from the camera's connection. Nothing is told over UDP, whose buffers are small: nobody may let them fill. */
  readonly onRead?: ((sizeBytes: number) => void) | undefined;
};

/** A connection that brought video for so long was a good one: the next failure starts with a short wait again. */
const steadyMs = 10_000;
/** A camera whose password worked may refuse it so often (it is starting up) before it is asked rarely. */
const quickRefusals = 3;
/** Of the tries with a camera that never worked and lets us wait, each so-manieth is given so much more time. */
const patientEvery = 4;
const patience = 3;
/** Between a try that took long and the next. */
const waitedMs = 100;
/** A check that comes so late found this process asleep, not the camera: what the socket holds is read first. */
const lateMs = 500;

/** Keeps a connection to a camera for ever, until closed. Begins by itself; says how it goes by `events.onState`. */
export function openCamera(options: CameraOptions): Source {
  return new CameraKeeper(options);
}

class CameraKeeper implements Source {
  readonly #options: CameraOptions;
  readonly #times: CameraTimes;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #media: MediaSession | undefined;
  #session: RtspSession | undefined;
  #stats = { transport: 'tcp' as 'tcp' | 'udp', packetsReceived: 0, packetsLost: 0, bytesReceived: 0, reconnects: 0 };
  readonly #backoff: Backoff;
  #keyFrameMissing = false;
  /** Video has come since the source was opened: the password is right, and answers come in time. */
  #worked = false;
  #refusals = 0;
  #timeouts = 0;
  /** The camera is slow: it worked only when it was given more time. */
  #slow = false;
  /** It was agreed to and nothing came: a firewall stands between, or the camera only says that it can. */
  #avoided: 'tcp' | 'udp' | undefined;
  /** Sessions over TCP without a single packet, one after the other. */
  #emptyOverTcp = 0;
  readonly #challenges: ChallengeMemory = {};
  /** Told once, however often it is tried again. */
  #lastReason: string | undefined;

  constructor(options: CameraOptions) {
    this.#options = options;
    this.#times = { ...defaultCameraTimes, ...options.times };
    this.#backoff = openBackoff({ firstMs: this.#times.firstRetryMs, longestMs: this.#times.maxRetryMs });
    this.#done = this.#keep();
  }

  stats(): SourceStats {
    const now = this.#media?.packets() ?? { received: 0, lost: 0 };
    return {
      ...this.#stats,
      packetsReceived: this.#stats.packetsReceived + now.received,
      packetsLost: this.#stats.packetsLost + now.lost,
      bytesReceived: this.#stats.bytesReceived + (this.#session?.link.bytesReceived ?? 0),
    };
  }

  async close(): Promise<void> {
    this.#session?.close();
    this.#abort.abort();
    await this.#done;
  }

  async #keep(): Promise<void> {
    const { events, log, clock } = this.#options;
    const { signal } = this.#abort;
    // Whoever opened the camera holds it before the first event.
    await Promise.resolve();
    events.onState({ status: 'starting' });
    while (!signal.aborted) {
      const startedMs = clock.monotonicMs();
      const error = await this.#connectAndPlay();
      if (signal.aborted) return;
      const level = error.reason === this.#lastReason ? 'debug' : 'warn';
      this.#lastReason = error.reason;
      log[level]('The camera sends nothing', { reason: error.reason, message: error.message });
      events.onState(toSourceState(error));
      this.#stats.reconnects++;
      await clock.sleep(this.#retryMs(error, startedMs), signal).catch(() => undefined);
    }
  }

  /** Runs one connection from its first to its last byte; resolves with why it ended. */
  async #connectAndPlay(): Promise<CameraError> {
    const { url, transport, credentials, clock, log, events } = this.#options;
    const { signal } = this.#abort;
    const patient = this.#slow || (!this.#worked && this.#timeouts % patientEvery === patientEvery - 1);
    const times = patient ? { ...this.#times, answerMs: this.#times.answerMs * patience } : this.#times;
    const media = new MediaSession(events);
    this.#media = media;
    const asked = toAsked(transport, this.#avoided);
    const timers: Timer[] = [];
    try {
      media.onFirstFrame = () => {
        this.#lastReason = undefined;
        this.#worked = true;
        this.#slow = patient;
        this.#refusals = this.#timeouts = this.#emptyOverTcp = 0;
        events.onState({ status: 'online' });
      };
      const address = parseCameraAddress(url);
      const session = await openRtspSession({
        address,
        pins: this.#options.pins,
        credentials,
        clock,
        log,
        times,
        signal,
        transport: asked,
        media,
        challenges: this.#challenges,
        repeatMs: this.#times.answerMs / 2,
        onRead: this.#options.onRead,
      });
      this.#session = session;
      this.#stats.transport = session.lower;
      this.#watch(session, media, timers);
      return await session.link.ended;
    } catch (error) {
      if (error instanceof CameraError) {
        if (error.reason === 'transport-refused') this.#avoided = undefined;
        if (error.reason === 'timeout') this.#timeouts++;
        return error;
      }
      log.error('A connection to a camera failed unexpectedly', { error });
      return new CameraError(
        'protocol',
        'The connection failed for an unknown reason.',
        'See the log of the agent.',
        error,
      );
    } finally {
      for (const timer of timers) timer.cancel();
      this.#session?.close();
      this.#collect(media);
    }
  }

  /** Looks after a playing session: stall, key frames, reports, keep-alive. `timers` holds what must be cancelled at its end. */
  #watch(session: RtspSession, media: MediaSession, timers: Timer[]): void {
    const { clock } = this.#options;
    const { mediaMs, pictureMs, reportMs } = this.#times;
    const playingMs = clock.monotonicMs();
    this.#keyFrameMissing = false;
    const lookMs = Math.min(1000, mediaMs / 8);
    const look = (): void => {
      const nowMs = clock.monotonicMs();
      media.tick(nowMs);
      const noPictureMs = nowMs - (media.lastPictureMs ?? playingMs);
      if (noPictureMs >= Math.max(pictureMs, mediaMs)) session.link.fail(toPictureError());
      else this.#checkKeyFrame(media, nowMs - (media.lastKeyMs ?? playingMs));
    };
    // One timer a stall limit, aimed at the moment of the stall: found on time, and dear to nobody.
    const aim = (inMs: number): void => {
      const dueMs = clock.monotonicMs() + inMs;
      timers[0] = clock.after(inMs, () => {
        const nowMs = clock.monotonicMs();
        const leftMs = (media.lastVideoMs ?? playingMs) + mediaMs - nowMs;
        if (leftMs > 0) aim(leftMs);
        else if (nowMs - dueMs > lateMs) aim(lateMs);
        else this.#stalled(session, media);
      });
    };
    aim(mediaMs);
    timers.push(
      clock.every(lookMs, look),
      clock.every(reportMs, () => session.sendReports(clock.monotonicMs())),
      clock.every(session.keepAliveMs, () => session.keepAlive()),
    );
  }

  #stalled(session: RtspSession, media: MediaSession): void {
    const { lower } = session;
    const isEmpty = media.packets().received === 0;
    if (isEmpty && lower === 'udp') this.#avoided = 'udp';
    // TCP is the better way: once is no reason to leave it.
    if (isEmpty && lower === 'tcp' && ++this.#emptyOverTcp >= 2) this.#avoided = 'tcp';
    session.link.fail(isEmpty && lower === 'udp' ? toUdpError() : toStallError(media));
  }

  #checkKeyFrame(media: MediaSession, sinceMs: number): void {
    const missing = sinceMs >= this.#times.keyFrameMs && media.lastVideoMs !== undefined;
    if (missing === this.#keyFrameMissing) return;
    this.#keyFrameMissing = missing;
    if (!missing) this.#options.events.onState({ status: 'online' });
    else
      this.#options.events.onState({
        status: 'online',
        reason: 'no-keyframe',
        message: `The camera has sent no key frame for ${Math.round(sinceMs / 1000)} s.`,
        fix: 'Set a key frame (I-frame) interval of 1 to 4 seconds in the camera.',
      });
  }

  #collect(media: MediaSession): void {
    const { received, lost } = media.packets();
    this.#stats.packetsReceived += received;
    this.#stats.packetsLost += lost;
    this.#stats.bytesReceived += this.#session?.link.bytesReceived ?? 0;
    if (media.videoMs > steadyMs) this.#backoff.reset();
    this.#media = undefined;
    this.#session = undefined;
  }

  /**
   * Grows with every failure, and counts from the beginning of a try that brought nothing: a camera that lets us wait for
   * an answer is not waited for twice. Much longer where trying again may lock the user out.
   */
  #retryMs(error: CameraError, startedMs: number): number {
    const { firstRetryMs, refusedRetryMs, maxRefusedRetryMs } = this.#times;
    const delayMs = this.#backoff.nextMs();
    const jitter = 0.5 + Math.random() / 2;
    if (error.reason === 'unauthorized') {
      const rare = ++this.#refusals - (this.#worked ? quickRefusals : 0);
      if (rare > 0) return Math.max(delayMs, Math.min(refusedRetryMs * 2 ** (rare - 1), maxRefusedRetryMs) * jitter);
    }
    const triedMs = this.#options.clock.monotonicMs() - startedMs;
    return Math.max((triedMs < delayMs ? firstRetryMs : waitedMs) * jitter, delayMs - triedMs);
  }
}

/** Who chose TCP gets nothing else. */
function toAsked(transport: Transport, avoided: 'tcp' | 'udp' | undefined): Transport {
  if (transport === 'tcp' || avoided === undefined) return transport;
  return avoided === 'udp' ? 'tcp' : 'udp';
}

function toUdpError(): CameraError {
  return new CameraError(
    'stalled',
    'The camera agreed to send by UDP and nothing arrives.',
    'Porchlight tries TCP next; a firewall may stand between, so set the transport to TCP if it recurs.',
  );
}

function toPictureError(): CameraError {
  return new CameraError(
    'stalled',
    'The camera sends packets that make no picture.',
    'Porchlight asks it again what it sends; restart the camera if it recurs.',
  );
}

function toStallError(media: MediaSession): CameraError {
  const what = media.lastVideoMs === undefined ? 'accepted the connection but sends no video' : 'stopped sending video';
  return new CameraError(
    'stalled',
    `The camera ${what}.`,
    'Porchlight connects again; check the network between them if it recurs.',
  );
}
