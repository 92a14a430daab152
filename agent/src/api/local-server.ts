import { chmod, unlink } from 'node:fs/promises';
import type { IncomingMessage, Server } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { createAdaptorServer } from '@hono/node-server';
import { sessionHeader } from '#live';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { checkGrant, localSid, type AgentRoutes } from './app.ts';
import { findEndpoint } from './find-endpoint.ts';
import type { GrantGate } from './grant-gate.ts';
import { toProblem } from './problem.ts';

/** What the local server is opened with. */
export type LocalServerOptions = {
  /** A Unix socket's path, or a named pipe on Windows. */
  readonly socketPath: string;
  readonly app: AgentRoutes;
  readonly gate: GrantGate | undefined;
  /** The local socket of the shard that has the camera. */
  readonly findSocket: (camera: CameraId) => string | undefined;
  readonly log: Log;
};

/** The agent's HTTP server on its local socket. */
export type LocalServer = { close(): Promise<void> };

/** Listens where only this user may connect. WebSockets are handed to the shard that has the camera, byte by byte. */
export async function openLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { app, socketPath, log } = options;
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug('A viewer broke off', { error }));
    void handOver(options, { request, socket, head }).catch((error: unknown) => refuse(socket, error));
  });
  const isFile = process.platform !== 'win32';
  if (isFile) await unlink(socketPath).catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new HouseError('unavailable', `The agent cannot listen at ${socketPath}`, {
          fix: 'Choose another folder with --data DIR.',
          cause,
        }),
      ),
    );
    server.listen(socketPath, resolve);
  });
  if (isFile) await chmod(socketPath, 0o600);
  return {
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

type Upgrade = { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

async function handOver(options: LocalServerOptions, { request, socket, head }: Upgrade): Promise<void> {
  const { gate, findSocket } = options;
  const asked = findEndpoint('GET', (request.url ?? '').split('?')[0]!);
  if (asked?.endpoint.status !== 101) throw new HouseError('not-found', 'No WebSocket answers at this address');
  const grant = await checkGrant(gate, asked, request.headers.authorization, undefined);
  const path = asked.camera && findSocket(asked.camera);
  if (path === undefined) throw new HouseError('not-found', 'This agent has no such camera');
  const shard = connect(path);
  shard.on('error', (error) =>
    refuse(socket, new HouseError('unavailable', 'The camera is being started again', { cause: error })),
  );
  shard.once('connect', () => {
    shard.write(toHead(request, grant?.sid ?? localSid));
    if (head.length > 0) shard.write(head);
    shard.pipe(socket);
    socket.pipe(shard);
  });
  socket.once('close', () => shard.destroy());
  shard.once('close', () => socket.end());
}

/** The request as it came, without what is the main thread's own business. */
function toHead(request: IncomingMessage, sid: string): string {
  const lines = [`GET ${request.url} HTTP/1.1`];
  const raw = request.rawHeaders;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    if (name !== 'authorization' && name !== 'cookie' && name !== sessionHeader)
      lines.push(`${raw[index]}: ${raw[index + 1]}`);
  }
  lines.push(`${sessionHeader}: ${sid}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function refuse(socket: Duplex, thrown: unknown): void {
  const { status, body } = toProblem(thrown);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
