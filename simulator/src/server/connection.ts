import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Clock, Timer } from '@porchlight/base/clock';
import type { Log } from '@porchlight/base/log';
import { writeUtf8 } from '@porchlight/media/bytes';
import { MediaError } from '@porchlight/media/frame';
import {
  getHeader,
  parseTransport,
  RtspParser,
  writeResponse,
  writeTransport,
  type RtspHeaderList,
  type RtspRequest,
  type Transport,
} from '@porchlight/media/rtsp';
import type { Fault } from '#faults';
import { openAuthorizer, type AuthorizationOptions, type Authorizer } from './authorization.ts';
import { describe } from './describe.ts';
import { openDrip, type Drip } from './drip.ts';
import type { Player } from './player.ts';
import { TcpClient } from './tcp-client.ts';
import { UdpClient } from './udp-client.ts';
import type { UdpPorts } from './udp-ports.ts';

export type ConnectionOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly players: ReadonlyMap<string, Player>;
  readonly authorization: AuthorizationOptions | undefined;
  readonly udp: UdpPorts;
  /** UDP clients need ticks to send the rest of big pictures. */
  readonly udpClients: Set<UdpClient>;
  onClose(): void;
};

type Session = {
  readonly id: string;
  readonly name: string;
  readonly player: Player;
  readonly client: TcpClient | UdpClient;
  readonly timeoutS: number;
  readonly generation: number;
  playing: boolean;
};

const methods = 'OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN';
const timeoutSeconds = 60;

/** One RTSP client's connection, from accept to close; holds at most one session. @see RFC 2326 */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #authorizer: Authorizer | undefined;
  #session: Session | undefined;
  #idle: Timer;
  #frozen = false;
  readonly #drip: Drip;
  /** Whose path was asked for last: its faults hold for what is answered. */
  #player: Player | undefined;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#authorizer = options.authorization && openAuthorizer(options.authorization);
    this.#idle = this.#watchIdle();
    this.#drip = openDrip(options.clock, {
      write: (bytes) => void (socket.writable && socket.write(bytes)),
      bytesPerSecond: () => this.#player?.fault?.dripBytesPerSecond,
    });
    const parser = new RtspParser({
      onRequest: (request) => this.#onRequest(request),
      onResponse: () => undefined,
      onInterleaved: () => this.#touch(),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      try {
        parser.push(chunk);
      } catch (error) {
        if (!(error instanceof MediaError)) throw error;
        options.log.warn('a client sent something that is not RTSP', { error: error.message });
        socket.destroy();
      }
    });
    socket.on('error', () => undefined); // 'close' follows
    socket.on('close', () => this.#onClose());
  }

  close(): void {
    this.#socket.destroy();
  }

  #onClose(): void {
    this.#idle.cancel();
    this.#drip.close();
    this.#endSession();
    this.#options.onClose();
  }

  #watchIdle(): Timer {
    return this.#options.clock.after((this.#session?.timeoutS ?? timeoutSeconds) * 1500, () => this.#socket.destroy());
  }

  #touch(): void {
    this.#idle.cancel();
    this.#idle = this.#watchIdle();
  }

  #onRequest(request: RtspRequest): void {
    this.#touch();
    const { name, track } = toTarget(request.url);
    const player = this.#options.players.get(name);
    const fault = player?.fault;
    this.#player = player;
    if (this.#frozen || fault?.halfOpen) return;
    if (fault && this.#refuses(request, fault)) return;
    if (request.method === 'OPTIONS') return this.#answer(request, 200, [['Public', methods]]);
    const challenge = this.#authorizer?.challenge(request);
    if (challenge) return this.#answer(request, 401, challenge);
    if (!player) return this.#answer(request, 404);
    switch (request.method) {
      case 'DESCRIBE':
        return this.#describe(request, name, player);
      case 'SETUP':
        return this.#setUp(request, { name, player, track });
      case 'PLAY':
        return this.#play(request, player);
      case 'PAUSE':
        return this.#pause(request);
      case 'TEARDOWN':
        return this.#tearDown(request);
      case 'GET_PARAMETER':
      case 'SET_PARAMETER':
        return this.#answer(request, 200, this.#sessionHeader());
      default:
        return this.#answer(request, 501);
    }
  }

  /** Answers, or does not, as a fault wants it; false when there is nothing to refuse. */
  #refuses(request: RtspRequest, fault: Fault): boolean {
    const { method, headers, url } = request;
    const keepsAlive = ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER'].includes(method) && headers.has('session');
    if (fault.keepAlive && keepsAlive) {
      if (fault.keepAlive === 'refused') this.#answer(request, 405);
      return true;
    }
    if (fault.reboot || fault.refuse === 'close') this.#socket.destroy();
    else if (fault.refuse === 'unavailable') this.#answer(request, 503);
    else if (fault.refuse === 'full') this.#answer(request, 453);
    else if (fault.refuse === 'password') this.#answer(request, 401, [['WWW-Authenticate', 'Basic realm="camera"']]);
    else if (fault.refuse === 'redirect' && method === 'DESCRIBE') this.#answer(request, 302, [['Location', url]]);
    else return false;
    return true;
  }

  #describe(request: RtspRequest, name: string, player: Player): void {
    const wrong = player.fault?.describe;
    const body = writeUtf8(
      wrong === 'nonsense' ? 'v=0\r\nm=video \u0000 RTP/AVP\r\na=\r\nm=' : describe(name, player.tracks),
    );
    const base = `${request.url.replace(/\/+$/, '')}/`;
    const headers: RtspHeaderList = [
      ['Content-Type', 'application/sdp'],
      ['Content-Base', base],
    ];
    if (wrong === undefined || wrong === 'nonsense') return this.#answer(request, 200, headers, body);
    this.#answer(request, 200, [
      ...headers,
      ['Content-Length', String(body.length + (wrong === 'long' ? 1000 : -100))],
    ]);
    this.#drip.write(body);
  }

  #setUp(request: RtspRequest, target: { name: string; player: Player; track: number | undefined }): void {
    const { name, player } = target;
    const track = target.track ?? (player.tracks.length === 1 ? 0 : undefined);
    if (track === undefined || track >= player.tracks.length) return this.#answer(request, 404);
    const wanted = findTransport(getHeader(request.headers, 'transport') ?? '');
    const refused = player.fault?.transport;
    if (!wanted || refused === `no-${wanted.lower}`) return this.#answer(request, 461);
    if (this.#session && (this.#session.name !== name || this.#session.playing)) return this.#answer(request, 455);
    this.#session ??= {
      id: randomBytes(8).toString('hex'),
      name,
      player,
      client: this.#openClient(wanted, player),
      generation: player.generation,
      timeoutS: player.fault?.sessionTimeoutS ?? timeoutSeconds,
      playing: false,
    };
    const { client } = this.#session;
    const { ssrc } = player.state(track);
    if (wanted.lower === 'tcp' && client instanceof TcpClient) {
      const channels = wanted.interleaved ?? [track * 2, track * 2 + 1];
      client.setUp(track, channels);
      return this.#answerSetUp(request, { lower: 'tcp', interleaved: channels, ssrc });
    }
    if (!wanted.clientPorts || !(client instanceof UdpClient)) return this.#answer(request, 461);
    client.setUp(track, wanted.clientPorts);
    const serverPorts = this.#options.udp.ports;
    this.#answerSetUp(request, { lower: 'udp', clientPorts: wanted.clientPorts, serverPorts, ssrc });
  }

  #openClient(transport: Transport, player: Player): TcpClient | UdpClient {
    if (transport.lower === 'tcp') return new TcpClient(this.#socket, () => this.#drip.waiting);
    return new UdpClient({
      udp: this.#options.udp,
      address: this.#socket.remoteAddress ?? '127.0.0.1',
      end: (how) => (how === 'reset' ? this.#socket.resetAndDestroy() : this.#socket.end()),
      freeze: (frozen) => void (this.#frozen = frozen),
      isLost: () => player.fault?.transport === 'udp-lost',
    });
  }

  #answerSetUp(request: RtspRequest, transport: Parameters<typeof writeTransport>[0]): void {
    this.#answer(request, 200, [['Transport', writeTransport(transport)], ...this.#sessionHeader()]);
  }

  #play(request: RtspRequest, player: Player): void {
    const session = this.#session;
    if (!session || session.player !== player || session.generation !== player.generation)
      return this.#answer(request, 454);
    const base = request.url.replace(/\/+$/, '');
    const info = player.tracks.map((_, track) => {
      const { sequence, rtpTimestamp } = player.state(track);
      return `url=${base}/trackID=${track};seq=${sequence};rtptime=${rtpTimestamp}`;
    });
    const headers: RtspHeaderList = [
      ['Range', 'npt=now-'],
      ['RTP-Info', info.join(',')],
    ];
    this.#answer(request, 200, [...headers, ...this.#sessionHeader()]);
    session.playing = true;
    if (session.client instanceof UdpClient) this.#options.udpClients.add(session.client);
    player.add(session.client);
  }

  #pause(request: RtspRequest): void {
    if (!this.#session) return this.#answer(request, 454);
    this.#session.playing = false;
    this.#session.player.remove(this.#session.client);
    this.#answer(request, 200, this.#sessionHeader());
  }

  #tearDown(request: RtspRequest): void {
    if (!this.#session) return this.#answer(request, 454);
    const headers = this.#sessionHeader();
    this.#endSession();
    this.#answer(request, 200, headers);
  }

  #endSession(): void {
    const session = this.#session;
    this.#session = undefined;
    if (!session) return;
    session.player.remove(session.client);
    if (session.client instanceof UdpClient) this.#options.udpClients.delete(session.client);
  }

  #sessionHeader(): RtspHeaderList {
    return this.#session ? [['Session', `${this.#session.id};timeout=${this.#session.timeoutS}`]] : [];
  }

  #answer(request: RtspRequest, status: number, headers: RtspHeaderList = [], body?: Uint8Array): void {
    if (!this.#socket.writable) return;
    const sequence = getHeader(request.headers, 'cseq') ?? '0';
    const all: RtspHeaderList = [['CSeq', sequence], ['Server', 'Porchlight simulator'], ...headers];
    this.#drip.write(writeResponse({ status, headers: all, ...(body ? { body } : {}) }));
  }
}

/** Path and track of a URL: `rtsp://host/main/trackID=1?x` is track 1 of `main`. */
function toTarget(url: string): { name: string; track: number | undefined } {
  const path = url.replace(/^rtsps?:\/\/[^/]*/i, '').replace(/\?.*$/, '');
  const track = /\/trackID=(\d{1,3})\/?$/.exec(path);
  const name = path.slice(0, track?.index ?? path.length).replace(/^\/+|\/+$/g, '');
  return { name, track: track ? Number(track[1]) : undefined };
}

function findTransport(text: string): Transport | undefined {
  try {
    return parseTransport(text).find((transport) => !transport.multicast && transport.profile === 'RTP/AVP');
  } catch (error) {
    if (error instanceof MediaError) return undefined;
    throw error;
  }
}
