import { chmod, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { streamNameSchema, type StreamName } from '@porchlight/contract/camera';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import type { FindStream, Leases } from '#lease';
import { endMessage, openMseSession, type MseSession, type MseSessionStats } from './mse-session.ts';

/** Header in which the agent's main thread names the session; it has checked the grant. */
export const sessionHeader = 'porchlight-session';

const pingPeriodMs = 10_000;
const closeGraceMs = 2000;
const closeCodes = { goingAway: 1001, tryAgainLater: 1013 } as const;

type Wanted = { readonly camera: CameraId; readonly stream: StreamName; readonly audio: boolean; readonly sid: string };
type Viewer = {
  readonly socket: WebSocket;
  leaseId: string | undefined;
  session: MseSession | undefined;
  heard: boolean;
};

/** The shard's local socket: WebSocket upgrades at `/api/cameras/{id}/mse`, nothing else. */
export type MseServer = {
  /** Sums over the sessions that were ever open. */
  stats(): Readonly<MseSessionStats>;
  close(): Promise<void>;
};

/** Listens on a Unix socket (a named pipe on Windows) that only this user may open. Throws `HouseError` unavailable. */
export async function openMseServer(options: {
  readonly socketPath: string;
  readonly findStream: FindStream;
  readonly leases: Leases;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<MseServer> {
  const { clock, log } = options;
  const viewers = new Set<Viewer>();
  const past: MseSessionStats = { framesSent: 0, framesDropped: 0, drops: 0, bytesSent: 0 };
  const webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 4096,
    clientTracking: false,
  });
  const http = createServer((_request, response) => response.writeHead(404).end());

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug('A viewer broke off', { error }));
    const wanted = parseWanted(request);
    if (!wanted) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const viewer: Viewer = { socket: webSocket, leaseId: undefined, session: undefined, heard: true };
      viewers.add(viewer);
      serve(viewer, wanted, options, () => {
        viewers.delete(viewer);
        if (viewer.session) addStats(past, viewer.session.stats());
      });
    });
  });
  const pinging = clock.every(pingPeriodMs, () => {
    for (const viewer of viewers) {
      if (!viewer.heard) viewer.socket.terminate();
      viewer.heard = false;
      viewer.socket.ping();
    }
  });
  await listen(http, options.socketPath);

  return {
    stats() {
      const sum = { ...past };
      for (const { session } of viewers) if (session) addStats(sum, session.stats());
      return sum;
    },
    async close() {
      pinging.cancel();
      for (const { socket } of viewers) socket.close(closeCodes.goingAway);
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      const grace = clock.after(closeGraceMs, () => {
        for (const { socket } of viewers) socket.terminate();
      });
      await closed;
      grace.cancel();
      webSockets.close();
    },
  };
}

/** Serves one open WebSocket until either side closes it; `onGone` is called once. */
function serve(
  viewer: Viewer,
  wanted: Wanted,
  {
    findStream,
    leases,
    clock,
    log,
  }: Pick<Parameters<typeof openMseServer>[0], 'findStream' | 'leases' | 'clock' | 'log'>,
  onGone: () => void,
): void {
  const { socket } = viewer;
  const refuse = (reason: string, message: string, fix: string): void => {
    socket.send(endMessage(reason, message, fix));
    socket.close(closeCodes.tryAgainLater, reason);
  };
  socket.on('pong', () => (viewer.heard = true));
  socket.on('error', (error) => log.debug('A viewer broke off', { error }));
  socket.once('close', () => {
    if (viewer.leaseId !== undefined) leases.end(viewer.leaseId, 'closed-by-viewer');
    onGone();
  });

  const stream = findStream(wanted.camera, wanted.stream);
  if (!stream) {
    refuse(
      'no-stream',
      'This camera has no such stream.',
      'Choose another stream, or add a sub-stream address to the camera.',
    );
    return;
  }
  const lease = leases.open({ kind: 'mse', camera: wanted.camera, stream: wanted.stream, sid: wanted.sid }, (why) => {
    viewer.session?.close();
    if (why === 'closed-by-viewer') return;
    const message = why === 'session-ended' ? 'You were signed out.' : 'The house is shutting down.';
    socket.send(endMessage(why, message));
    socket.close(closeCodes.goingAway, why);
    clock.after(closeGraceMs, () => socket.terminate());
  });
  if (!lease) {
    refuse(
      'too-many-viewers',
      'This camera has as many viewers as it can serve.',
      'Close another window and try again.',
    );
    return;
  }
  viewer.leaseId = lease.id;
  const send = {
    send: (message: string | Uint8Array) => socket.send(message),
    get bufferedAmount() {
      return socket.bufferedAmount;
    },
  };
  viewer.session = openMseSession({ stream, socket: send, audio: wanted.audio, clock });
}

function parseWanted(request: IncomingMessage): Wanted | undefined {
  const url = URL.parse(request.url ?? '', 'http://shard');
  const sid = request.headers[sessionHeader];
  const camera = cameraIdSchema.safeParse(/^\/api\/cameras\/([^/]+)\/mse$/.exec(url?.pathname ?? '')?.[1]);
  const stream = streamNameSchema.safeParse(url?.searchParams.get('stream') ?? 'main');
  if (!url || !camera.success || !stream.success || typeof sid !== 'string' || sid === '') return undefined;
  return { camera: camera.data, stream: stream.data, audio: url.searchParams.get('audio') === 'true', sid };
}

async function listen(http: Server, socketPath: string): Promise<void> {
  const isFile = process.platform !== 'win32';
  if (isFile) await unlink(socketPath).catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(
        new HouseError('unavailable', 'The live socket cannot be opened', {
          fix: 'Check that the data folder is writable.',
          cause,
        }),
      ),
    );
    http.listen(socketPath, resolve);
  });
  if (isFile) await chmod(socketPath, 0o600);
}

function addStats(sum: MseSessionStats, stats: Readonly<MseSessionStats>): void {
  sum.framesSent += stats.framesSent;
  sum.framesDropped += stats.framesDropped;
  sum.drops += stats.drops;
  sum.bytesSent += stats.bytesSent;
}
