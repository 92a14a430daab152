import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { Movie } from '@porchlight/media/mp4';
import { openRandom, type Fault } from '#faults';
import { openMovieFile, openScene, type MovieFile, type Scene } from '#scene';
import type { AuthorizationOptions, DigestKind } from './authorization.ts';
import { Connection } from './connection.ts';
import { Player } from './player.ts';
import type { UdpClient } from './udp-client.ts';
import { openUdpPorts, type UdpPorts } from './udp-ports.ts';

/** What one path shows. Streams given the same `Movie` or `path` share their packets. */
export type SimulatedStream = ({ readonly movie: Movie } | { readonly path: string }) & {
  /** Shown while the fault `parameterChange` is set. */
  readonly alternate?: { readonly movie: Movie } | { readonly path: string };
  /** Shown and described while the fault `swap` is set; may have other tracks. */
  readonly replacement?: { readonly movie: Movie } | { readonly path: string };
  /** Where in the loop play begins, back to the key picture before; 0 unless given. */
  readonly startAtMs?: number;
};

export type SimulatorOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** By name: `main` is played at `rtsp://host:port/main`. */
  readonly streams: Readonly<Record<string, SimulatedStream>>;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** MD5 unless given. */
  readonly digest?: DigestKind;
  readonly qop?: boolean;
  /** After so many uses a nonce is stale. */
  readonly maxNonceUses?: number;
  /** 0 lets the system choose. */
  readonly port: number;
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  /** Called when a frame is about to be handed to its clients' sockets, for measurements of delay. */
  readonly onFrameSent?: (sent: SentFrame) => void;
  /** Of SSRCs, sequences and faults; 1 unless given. */
  readonly seed?: number;
};

/** One frame on its way: `sample` counts from 0 in the movie's own order, `wallMs` is the system clock's time. */
export type SentFrame = {
  readonly stream: string;
  readonly kind: 'video' | 'audio';
  readonly sample: number;
  readonly wallMs: number;
};

/** Cameras that are not there. */
export type Simulator = {
  readonly port: number;
  /** `rtsp://host:port/name`, without credentials. Throws `HouseError` for a name that is not served. */
  url(name: string): string;
  /** Makes trouble on a path from now on, or ends it. Throws `HouseError` for a name that is not served. */
  setFault(name: string, fault: Fault | undefined): void;
  /** Clients that play a path now. */
  clients(name: string): number;
  /** Pictures that a path has handed to its clients so far, each once however many there were. */
  sentPictures(name: string): number;
  /** Closes every connection and the ports. */
  close(): Promise<void>;
};

/** How often due frames are looked for, while somebody plays. */
const tickMs = 5;

/** Opens an RTSP server that plays movies as cameras do. Throws `HouseError` for a busy port or a file that is no movie. */
export async function openSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const files: MovieFile[] = [];
  const players = openPlayers(options, files);
  const server = createServer();
  const udp = await listen(server, host, options.port).catch((error: unknown) => {
    for (const file of files) file.close();
    throw error;
  });
  const udpClients = new Set<UdpClient>();
  const connections = new Set<Connection>();
  server.on('connection', (socket) => {
    const connection: Connection = new Connection(socket, {
      ...{ clock: options.clock, log: options.log, players, udp, udpClients },
      authorization: toAuthorization(options),
      onClose: () => void connections.delete(connection),
    });
    connections.add(connection);
  });
  const timer = options.clock.every(tickMs, () => {
    const nowMs = options.clock.monotonicMs();
    for (const client of udpClients) client.tick();
    for (const player of players.values()) if (player.clients.size > 0) player.tick(nowMs);
  });
  const port = (server.address() as AddressInfo).port;
  const playerOf = (name: string): Player => {
    const player = players.get(name);
    if (!player) throw new HouseError('not-found', `The simulator has no stream ${name}`);
    return player;
  };
  return {
    port,
    url: (name) => (playerOf(name), `rtsp://${host.includes(':') ? `[${host}]` : host}:${port}/${name}`),
    setFault: (name, fault) => playerOf(name).setFault(fault),
    clients: (name) => playerOf(name).clients.size,
    sentPictures: (name) => playerOf(name).sentPictures,
    async close() {
      timer.cancel();
      const closed = once(server, 'close');
      server.close();
      for (const connection of connections) connection.close();
      await closed;
      udp.close();
      for (const file of files) file.close();
    },
  };
}

function toAuthorization(options: SimulatorOptions): AuthorizationOptions | undefined {
  if (!options.credentials) return undefined;
  const { digest = 'MD5', qop = false, maxNonceUses } = options;
  return { ...options.credentials, digest, qop, maxNonceUses };
}

async function listen(server: Server, host: string, port: number): Promise<UdpPorts> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  try {
    await listening;
  } catch (cause) {
    throw new HouseError('unavailable', `Port ${port} on ${host} cannot be opened`, {
      fix: 'Give another --port.',
      cause,
    });
  }
  try {
    return await openUdpPorts(host);
  } catch (error) {
    server.close();
    throw error;
  }
}

function openPlayers(options: SimulatorOptions, files: MovieFile[]): Map<string, Player> {
  const random = openRandom(options.seed ?? 1);
  const scenes = new Map<Movie | string, Scene>();
  const sceneOf = (source: { readonly movie: Movie } | { readonly path: string }): Scene => {
    const key = 'movie' in source ? source.movie : source.path;
    const known = scenes.get(key);
    if (known) return known;
    let movie: Movie;
    if ('movie' in source) movie = source.movie;
    else {
      const file = openMovieFile(source.path);
      files.push(file);
      movie = file.movie;
    }
    const scene = openScene(movie);
    scenes.set(key, scene);
    return scene;
  };
  return new Map(
    Object.entries(options.streams).map(([name, stream]) => {
      const alternate = stream.alternate && sceneOf(stream.alternate);
      const replacement = stream.replacement && sceneOf(stream.replacement);
      const startAtMs = stream.startAtMs ?? 0;
      const { clock, onFrameSent } = options;
      const onSent =
        onFrameSent &&
        ((kind: 'video' | 'audio', sample: number) =>
          onFrameSent({ stream: name, kind, sample, wallMs: clock.nowMs() }));
      return [name, new Player({ scene: sceneOf(stream), alternate, replacement, startAtMs, clock, random, onSent })];
    }),
  );
}
