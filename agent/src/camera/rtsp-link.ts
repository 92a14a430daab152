import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { MediaError } from '@porchlight/media/frame';
import {
  getHeader,
  getSequence,
  RtspParser,
  writeInterleavedHeader,
  writeRequest,
  writeResponse,
  type RtspHeaderList,
  type RtspRequest,
  type RtspResponse,
} from '@porchlight/media/rtsp';
import { openAuthorizer, type Authorizer, type ChallengeMemory, type Credentials } from './authorization.ts';
import type { CameraAddress } from './camera-address.ts';
import type { CertificatePins } from './certificate-pins.ts';
import { CameraError, toCertificateError, toConnectError, toStatusError } from './camera-error.ts';
import type { CameraTimes } from './camera-times.ts';

/** What a link is opened with. */
export type RtspLinkOptions = {
  readonly address: CameraAddress;
  readonly credentials: Credentials | undefined;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: CameraTimes;
  readonly signal: AbortSignal;
  readonly pins?: CertificatePins | undefined;
  /** Outlives connections. */
  readonly challenges?: ChallengeMemory | undefined;
  /** Told of each read from the socket before its bytes are looked at; `Infinity` in place of a size while the connection is young. */
  readonly onRead?: ((sizeBytes: number) => void) | undefined;
};

/** `repeatMs`: a question that changes nothing is asked again so often until it is answered; a camera that starts may have lost it. */
type RequestOptions = { readonly repeatMs?: number };

type Pending = {
  readonly resolve: (response: RtspResponse) => void;
  readonly reject: (error: CameraError) => void;
  readonly timers: readonly Timer[];
};

const userAgent = 'Porchlight';
/** From connecting to the first footage on disk. */
const youngMs = 2500;
/** A 401 may be answered so often per request: the first challenge, a stale nonce. */
const maxAuthorizations = 3;

/** One TCP (or TLS) connection that speaks RTSP. After `ended` it is of no use. */
export class RtspLink {
  readonly address: CameraAddress;
  /** Resolves once, with why the connection is over. */
  readonly ended: Promise<CameraError>;
  /** Monotonic time at which the bytes now being worked on came. */
  receivedMs = 0;
  /** Takes interleaved frames, which lie in `bytes` from `start` up to `end`; set before SETUP. */
  onInterleaved: (channel: number, bytes: Uint8Array, start: number, end: number) => void = () => undefined;
  /** Says good-bye just before the connection ends, whatever for; set as soon as the camera holds a session. */
  onEnding: () => void = () => undefined;
  /** Told of bytes that were neither message nor frame; set before SETUP. */
  onSkipped: (sizeBytes: number) => void = () => undefined;
  bytesReceived = 0;
  readonly #options: RtspLinkOptions;
  readonly #socket: Socket;
  readonly #authorizer: Authorizer;
  readonly #pending = new Map<number, Pending>();
  readonly #parser: RtspParser;
  readonly #openedMs: number;
  #sequence = 0;
  #failure: CameraError | undefined;
  #end!: (error: CameraError) => void;
  readonly #onAbort = (): void => this.fail(closedError());

  constructor(socket: Socket, incoming: Incoming, options: RtspLinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.address = options.address;
    this.#openedMs = options.clock.monotonicMs();
    this.#authorizer = openAuthorizer(options.credentials, options.challenges);
    this.ended = new Promise((resolve) => (this.#end = resolve));
    this.#parser = new RtspParser({
      onResponse: (response) => this.#onResponse(response),
      onRequest: (request) => this.#onRequest(request),
      onInterleaved: (channel, bytes, start, end) => this.onInterleaved(channel, bytes, start, end),
      onSkipped: (sizeBytes) => this.onSkipped(sizeBytes),
    });
    const { where } = this.address;
    incoming.take = (chunk) => this.#onData(chunk);
    socket.on('error', (error) => this.fail(toConnectError(error, where)));
    socket.on('close', () => this.fail(toConnectError({ code: 'ECONNRESET' }, where)));
    options.signal.addEventListener('abort', this.#onAbort);
  }

  get remoteAddress(): string {
    return this.#socket.remoteAddress ?? '';
  }

  /** Notes bytes of this session that came beside the connection, by UDP. */
  markReceived(sizeBytes: number): void {
    this.receivedMs = this.#options.clock.monotonicMs();
    this.bytesReceived += sizeBytes;
  }

  /** Sends a request and waits for its response; answers challenges. Any status comes back but 401, which throws. */
  async request(
    method: string,
    url: string,
    headers: RtspHeaderList = [],
    { repeatMs = Infinity }: RequestOptions = {},
  ): Promise<RtspResponse> {
    for (let attempt = 0; attempt < maxAuthorizations; attempt++) {
      const response = await this.#exchange(this.#write(method, url, headers), method, repeatMs);
      if (response.status !== 401) {
        if (response.status < 400) this.#authorizer.settle();
        return response;
      }
      if (!this.#authorizer.accept(response)) break;
    }
    throw toStatusError(401, method, this.#options.credentials !== undefined);
  }

  /** Sends a request whose answer nobody waits for. */
  notify(method: string, url: string, headers: RtspHeaderList = []): void {
    if (!this.#failure && this.#socket.writable) this.#socket.write(this.#write(method, url, headers));
  }

  /** Sends one interleaved frame. */
  sendInterleaved(channel: number, payload: Uint8Array): void {
    if (this.#failure) return;
    this.#socket.cork();
    this.#socket.write(writeInterleavedHeader(channel, payload.length));
    this.#socket.write(payload);
    this.#socket.uncork();
  }

  /** Ends the connection for this reason; safe to call twice. */
  fail(error: CameraError): void {
    if (this.#failure) return;
    this.onEnding();
    this.#failure = error;
    for (const { reject, timers } of this.#pending.values()) {
      for (const timer of timers) timer.cancel();
      reject(error);
    }
    this.#pending.clear();
    // The signal outlives the link by years, and must not keep it.
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#end(error);
    this.#socket.destroySoon();
    const timer = this.#options.clock.after(1000, () => this.#socket.destroy());
    this.#socket.once('close', () => timer.cancel());
  }

  #onData(chunk: Uint8Array): void {
    if (this.#failure) return;
    this.receivedMs = this.#options.clock.monotonicMs();
    this.bytesReceived += chunk.length;
    this.#options.onRead?.(this.receivedMs - this.#openedMs < youngMs ? Infinity : chunk.length);
    try {
      this.#parser.push(chunk);
    } catch (error) {
      this.#options.log.warn('A connection to a camera is given up', { error });
      const what = error instanceof MediaError ? error.message : 'unexpected data';
      this.fail(
        new CameraError(
          'protocol',
          `The camera sent something that is not RTSP (${what}).`,
          'Check the port; Porchlight tries again by itself.',
          error,
        ),
      );
    }
  }

  #exchange(bytes: Uint8Array, method: string, repeatMs: number): Promise<RtspResponse> {
    if (this.#failure) return Promise.reject(this.#failure);
    const { clock, times } = this.#options;
    const sequence = this.#sequence;
    return new Promise((resolve, reject) => {
      const timers = [this.#watchBody()];
      if (repeatMs < times.answerMs) timers.push(clock.every(repeatMs, () => this.#socket.write(bytes)));
      const timer = clock.after(times.answerMs, () => {
        this.#pending.delete(sequence);
        for (const other of timers) other.cancel();
        reject(
          new CameraError(
            'timeout',
            `The camera at ${this.address.where} does not answer ${method}.`,
            'It may be overloaded; Porchlight tries again by itself.',
          ),
        );
      });
      this.#pending.set(sequence, { resolve, reject, timers: [...timers, timer] });
      this.#socket.write(bytes);
    });
  }

  /** A body of which nothing more comes is taken as it is, before the answer counts as missing: its Content-Length is wrong. */
  #watchBody(): Timer {
    const { clock, times } = this.#options;
    let before: number | undefined;
    let same = 0;
    return clock.every(times.answerMs / 4, () => {
      const now = this.#parser.bodyBytes;
      same = now !== undefined && now === before ? same + 1 : 0;
      before = now;
      if (same >= 2) this.#parser.endBody();
    });
  }

  #write(method: string, url: string, headers: RtspHeaderList): Uint8Array {
    const authorization = this.#authorizer.authorize(method, url);
    const all: (readonly [string, string])[] = [
      ['CSeq', String(++this.#sequence)],
      ['User-Agent', userAgent],
      ...headers,
    ];
    if (authorization !== undefined) all.push(['Authorization', authorization]);
    // Session, nonce and control are the camera's own words: a line break or zero in them must not become ours.
    const safe = all.map(([name, value]) => [name, withoutBreaks(value)] as const);
    return writeRequest({ method, url: withoutBreaks(url), headers: safe });
  }

  /** Some cameras leave CSeq out, or write one that was never sent: then the answer belongs to the oldest question. */
  #onResponse(response: RtspResponse): void {
    if (response.status < 200) return; // 100 Continue: the answer is still to come
    const stated = getSequence(response.headers);
    const known = stated !== undefined && stated > 0 && stated <= this.#sequence;
    const sequence = known ? stated : this.#pending.keys().next().value;
    const pending = sequence === undefined ? undefined : this.#pending.get(sequence);
    if (sequence === undefined || !pending) return;
    this.#pending.delete(sequence);
    for (const timer of pending.timers) timer.cancel();
    pending.resolve(response);
  }

  /** Cameras ask whether we are there; other requests are refused, as RFC 2326 10 allows a client to. */
  #onRequest(request: RtspRequest): void {
    const sequence = getHeader(request.headers, 'cseq') ?? '0';
    const known = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER'].includes(request.method);
    this.#socket.write(writeResponse({ status: known ? 200 : 501, headers: [['CSeq', sequence]] }));
  }
}

function withoutBreaks(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '');
}

/** The end that was asked for. */
export function closedError(): CameraError {
  return new CameraError('closed', 'The connection was closed on request.', '');
}

/** Where a socket's bytes go. Before anybody takes them a server has no business sending any. */
type Incoming = { take(chunk: Uint8Array): void };

/** All sockets of a thread read into this: libuv hands it out and calls back before it reads again, so it is never shared. */
const readBuffer = new Uint8Array(256 * 1024);

function openSocket(address: CameraAddress, incoming: Incoming): Socket {
  const { host, port, secure } = address;
  if (secure) {
    const socket = connectTls({ host, port, rejectUnauthorized: false, ...(isIP(host) ? {} : { servername: host }) });
    return socket.on('data', (chunk: Uint8Array) => incoming.take(chunk));
  }
  const callback = (sizeBytes: number): boolean => {
    incoming.take(readBuffer.subarray(0, sizeBytes));
    return true;
  };
  return connectTcp({ host, port, onread: { buffer: readBuffer, callback } });
}

/** Asked before anything is sent. A certificate that an authority vouches for needs no memory. */
function isKnown(socket: TLSSocket, where: string, { pins, log }: RtspLinkOptions): boolean {
  try {
    return pins?.accept(where, socket.getPeerCertificate().fingerprint256) ?? true;
  } catch (error) {
    log.error('The certificate of a camera cannot be remembered', { where, error });
    return true;
  }
}

/** Connects, with TLS for `rtsps`. A certificate that a camera signed itself is taken the first time, and no other afterwards. */
export async function openRtspLink(options: RtspLinkOptions): Promise<RtspLink> {
  const { address, clock, times, signal, log } = options;
  if (signal.aborted) throw closedError();
  const { secure, where } = address;
  const incoming: Incoming = { take: () => undefined };
  const socket = openSocket(address, incoming);
  socket.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    const settle = (error?: CameraError): void => {
      timer.cancel();
      signal.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (!error) return resolve();
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const timer = clock.after(times.connectMs, () => settle(toConnectError({ code: 'ETIMEDOUT' }, where)));
    const onAbort = (): void => settle(closedError());
    const onError = (error: Error): void => settle(toConnectError(error, where));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once(secure ? 'secureConnect' : 'connect', () => settle());
  });
  if (socket instanceof TLSSocket && !socket.authorized) {
    if (!isKnown(socket, where, options)) {
      socket.on('error', () => undefined);
      socket.destroy();
      throw toCertificateError(where);
    }
    log.info('The camera signed its TLS certificate itself: traffic is private, and so far it is the same camera', {
      where,
    });
  }
  return new RtspLink(socket, incoming, options);
}
