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
import { openAuthorizer, type AuthorizationOptions, type Authorizer } from './authorization.ts';
import { describe } from './describe.ts';
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

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#authorizer = options.authorization && openAuthorizer(options.authorization);
    this.#idle = this.#watchIdle();
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
    this.#endSession();
    this.#options.onClose();
  }

  #watchIdle(): Timer {
    return this.#options.clock.after(timeoutSeconds * 1500, () => this.#socket.destroy());
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
    if (this.#frozen || fault?.halfOpen) return;
    if (fault?.refuse === 'close') {
      this.#socket.destroy();
      return;
    }
    if (fault?.refuse === 'unavailable') return this.#answer(request, 503);
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

  #describe(request: RtspRequest, name: string, player: Player): void {
    const body = writeUtf8(describe(name, player.tracks));
    const base = `${request.url.replace(/\/+$/, '')}/`;
    this.#answer(
      request,
      200,
      [
        ['Content-Type', 'application/sdp'],
        ['Content-Base', base],
      ],
      body,
    );
  }

  #setUp(request: RtspRequest, target: { name: string; player: Player; track: number | undefined }): void {
    const { name, player } = target;
    const track = target.track ?? (player.tracks.length === 1 ? 0 : undefined);
    if (track === undefined || track >= player.tracks.length) return this.#answer(request, 404);
    const wanted = findTransport(getHeader(request.headers, 'transport') ?? '');
    if (!wanted) return this.#answer(request, 461);
    if (this.#session && (this.#session.name !== name || this.#session.playing)) return this.#answer(request, 455);
    this.#session ??= {
      id: randomBytes(8).toString('hex'),
      name,
      player,
      client: this.#openClient(wanted),
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

  #openClient(transport: Transport): TcpClient | UdpClient {
    if (transport.lower === 'tcp') return new TcpClient(this.#socket);
    return new UdpClient({
      udp: this.#options.udp,
      address: this.#socket.remoteAddress ?? '127.0.0.1',
      end: (how) => (how === 'reset' ? this.#socket.resetAndDestroy() : this.#socket.end()),
      freeze: (frozen) => void (this.#frozen = frozen),
    });
  }

  #answerSetUp(request: RtspRequest, transport: Parameters<typeof writeTransport>[0]): void {
    this.#answer(request, 200, [['Transport', writeTransport(transport)], ...this.#sessionHeader()]);
  }

  #play(request: RtspRequest, player: Player): void {
    const session = this.#session;
    if (!session || session.player !== player) return this.#answer(request, 454);
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
    return this.#session ? [['Session', `${this.#session.id};timeout=${timeoutSeconds}`]] : [];
  }

  #answer(request: RtspRequest, status: number, headers: RtspHeaderList = [], body?: Uint8Array): void {
    if (!this.#socket.writable) return;
    const sequence = getHeader(request.headers, 'cseq') ?? '0';
    const all: RtspHeaderList = [['CSeq', sequence], ['Server', 'Porchlight simulator'], ...headers];
    this.#socket.write(writeResponse({ status, headers: all, ...(body ? { body } : {}) }));
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
