import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { writeRtpPacket } from '@porchlight/media/rtp';
import {
  getHeader,
  parseTransport,
  RtspParser,
  writeInterleavedHeader,
  type RtspRequest,
} from '@porchlight/media/rtsp';
import type { Film } from './film.ts';
import type { Sound } from './sound.ts';

/**
 * What a camera answers, byte for byte: `{c}` stands for the request's CSeq, `{t}` for its Transport, `{url}` for where the
 * camera is, `{s}` for its UDP ports; undefined: no answer.
 */
export type Script = (request: RtspRequest, turn: Turn) => string | undefined;

/** `nth` counts requests of this method, on this connection and on all. */
export type Turn = { readonly nth: number; readonly connection: number; readonly nthOfAll: number };

export type ScriptedOptions = {
  readonly script: Script;
  readonly film: Film;
  readonly sound?: Sound | undefined;
  readonly videoType: number;
  /** Parameter sets stand in front of each key picture, or in the description only. */
  readonly inBand: boolean;
  /** Channels of the camera's own choosing, video's RTP first; those that were asked for unless given. */
  readonly channels?: readonly number[];
  /** Answers are written in pieces of this size. */
  readonly pieceBytes?: number;
  /** The connection ends with each 401. */
  readonly endsRefused?: boolean;
  /** So many of the film's pictures are sent before PLAY is answered. */
  readonly playFirst?: number;
  /** Changes bytes on their way, frame by frame. */
  readonly spoil?: (frame: Uint8Array, count: number) => Uint8Array;
};

/** A camera whose words are written down, and whose pictures are a film's, from its beginning with every PLAY. */
export type ScriptedCamera = {
  readonly url: string;
  readonly requests: readonly RtspRequest[];
  readonly connections: number;
  /** RTP packets sent, and handed to nobody. */
  readonly sent: number;
  /** The film has been sent to its end, with the picture after it. */
  readonly over: boolean;
  readonly playing: boolean;
  /** Sends what falls due within so many milliseconds more. */
  advance(byMs: number): void;
  write(bytes: Uint8Array): void;
  drop(): void;
  close(): Promise<void>;
};

const base = { sequence: 47_121, timestamp: 3_475_222_385 };
const ssrcs = [0x30a98ee7, 0x4cacc3d1];

type Player = {
  readonly send: (track: number, packet: Uint8Array) => void;
  elapsedMs: number;
  picture: number;
  piece: number;
};
type Route = { readonly channel: number } | { readonly port: number };

/** Opens a scripted camera on a loopback port. */
export async function openScriptedCamera(options: ScriptedOptions): Promise<ScriptedCamera> {
  const { film, sound } = options;
  const requests: RtspRequest[] = [];
  const sockets = new Set<Socket>();
  const udp = createSocket('udp4');
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  let connections = 0;
  let sent = 0;
  let player: Player | undefined;
  let current: Socket | undefined;
  const countAll = (method: string): number => requests.filter((request) => request.method === method).length;

  const server = createServer((socket) => {
    const connection = ++connections;
    const counts = new Map<string, number>();
    const routes: Route[] = [];
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => {
      sockets.delete(socket);
      if (current === socket) player = undefined;
    });
    const parser = new RtspParser({
      onRequest(request) {
        const { method } = request;
        requests.push(request);
        const begin = (): void => {
          if (player && current === socket) return;
          current = socket;
          player = { send: toSender(socket, routes), elapsedMs: 0, picture: 0, piece: 0 };
        };
        if (method === 'PLAY' && options.playFirst !== undefined) {
          begin();
          while (player!.picture < options.playFirst) sendPicture(player!);
        }
        const nth = (counts.get(method) ?? 0) + 1;
        counts.set(method, nth);
        const answer = options.script(request, { nth, connection, nthOfAll: countAll(method) });
        const bytes = fillIn(answer ?? '', request, { url, port: udp.address().port });
        const pieceBytes = options.pieceBytes ?? bytes.length;
        for (let at = 0; at < bytes.length; at += pieceBytes) socket.write(bytes.subarray(at, at + pieceBytes));
        if (options.endsRefused && answer?.includes(' 401 ')) socket.end();
        const accepted = /RTSP\/\d\.\d +200/.test(answer ?? '');
        if (method === 'SETUP' && accepted) routes.push(toRoute(request));
        if (method === 'PLAY' && accepted) begin();
        if (method === 'TEARDOWN') player = undefined;
      },
      onResponse: () => undefined,
      onInterleaved: () => undefined,
    });
    socket.on('data', (chunk: Uint8Array) => parser.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const toSender = (socket: Socket, routes: readonly Route[]): Player['send'] => {
    return (track, packet) => {
      const route = routes[track];
      if (!route) return;
      const count = sent++;
      if ('port' in route) return sendByUdp(udp, packet, route.port);
      const channel = options.channels?.[track * 2] ?? route.channel;
      const frame = Uint8Array.from([...writeInterleavedHeader(channel, packet.length), ...packet]);
      socket.write(options.spoil?.(frame, count) ?? frame);
    };
  };

  const sendPicture = (to: Player): void => {
    const number = to.picture++;
    const lap = Math.floor(number / film.pictures.length);
    const picture = film.pictures[number % film.pictures.length]!;
    const payloads = picture.payloads(options.inBand);
    const timestamp = (base.timestamp + picture.ptsTicks + lap * film.durationTicks) >>> 0;
    payloads.forEach((payload, index) => {
      const sequence = (base.sequence + sequences++) & 0xffff;
      const fields = { payloadType: options.videoType, marker: index === payloads.length - 1, ssrc: ssrcs[0]! };
      to.send(0, writeRtpPacket({ ...fields, sequence, timestamp }, payload));
    });
  };
  let sequences = 0;
  const sendSound = (to: Player, { payloadType, pieces, payload, ticks }: Sound): void => {
    const number = to.piece++;
    const fields = { payloadType, marker: true, sequence: number, timestamp: number * ticks, ssrc: ssrcs[1]! };
    to.send(1, writeRtpPacket(fields, payload(pieces[number % pieces.length]!)));
  };

  return {
    url,
    requests,
    get connections() {
      return connections;
    },
    get sent() {
      return sent;
    },
    get over() {
      return player !== undefined && player.picture > film.pictures.length;
    },
    get playing() {
      return player !== undefined;
    },
    advance(byMs) {
      if (!player) return;
      player.elapsedMs += byMs;
      const { elapsedMs } = player;
      const endMs = (film.durationTicks * 1000) / 90_000;
      const dueMs = (at: number): number =>
        at < film.pictures.length ? film.pictures[at]!.dueMs : endMs + film.pictures[at - film.pictures.length]!.dueMs;
      while (player.picture <= film.pictures.length && dueMs(player.picture) <= elapsedMs) sendPicture(player);
      if (sound) while ((player.piece * sound.ticks * 1000) / sound.clockRateHz <= elapsedMs) sendSound(player, sound);
    },
    write: (bytes) => void current?.write(bytes),
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      udp.close();
      await once(server, 'close');
    },
  };
}

function fillIn(part: string, request: RtspRequest, camera: { url: string; port: number }): Buffer {
  const filled = part
    .replaceAll('{c}', getHeader(request.headers, 'cseq') ?? '')
    .replaceAll('{t}', getHeader(request.headers, 'transport') ?? '')
    .replaceAll('{url}', camera.url)
    .replaceAll('{s}', `${camera.port}-${camera.port + 1}`);
  return Buffer.from(filled, 'latin1');
}

function toRoute(request: RtspRequest): Route {
  const wanted = parseTransport(getHeader(request.headers, 'transport') ?? '')[0]!;
  return wanted.clientPorts ? { port: wanted.clientPorts[0] } : { channel: wanted.interleaved![0] };
}

function sendByUdp(socket: UdpSocket, packet: Uint8Array, port: number): void {
  socket.send(packet, port, '127.0.0.1');
}
