import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';

/** What a request came with on this platform: where to answer, or for an upgrade the socket to take over. */
export type NodeBindings = {
  readonly incoming: IncomingMessage;
  readonly outgoing?: ServerResponse;
  readonly socket?: Duplex;
  readonly head?: Buffer;
};

export type ServerOptions = {
  readonly host: string;
  readonly port: number;
  /** Key and certificate, PEM; plain HTTP without. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly log: Log;
  fetch(request: Request, env: NodeBindings): Promise<Response> | Response;
};

export type HttpServer = { readonly port: number; close(): Promise<void> };

/** Header of a response that stands for an answer written already: nothing is left to do. */
export const upgraded = 'x-hono-already-sent';

/**
 * Listens and passes every request, upgrades too, to one `fetch`, so that both meet the same checks. Throws `HouseError('conflict')` with words
 * for a port that is taken.
 */
export async function openServer(options: ServerOptions): Promise<HttpServer> {
  const listener = getRequestListener((request, env) => options.fetch(request, env as NodeBindings), {
    overrideGlobalObjects: false,
    errorHandler: (error) => void options.log.warn('request aborted', { error }),
  });
  const onRequest = (incoming: IncomingMessage, outgoing: Parameters<typeof listener>[1]): void =>
    void listener(incoming, outgoing);
  const server: Server = options.tls ? createTlsServer({ ...options.tls }, onRequest) : createServer(onRequest);
  // Slow senders of headers hold a socket no longer than this; answers may take as long as they like.
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  const sockets = new Set<Duplex>();
  server.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(options, { incoming, socket, head });
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const words: Partial<Record<string, string>> = {
        EADDRINUSE: `Port ${port} is in use: choose another with --port N (0 lets the system choose).`,
        EACCES: `Port ${port} needs rights this program has not: choose one above 1023 with --port N.`,
        EADDRNOTAVAIL: `${host} is not an address of this machine: give another with --host ADDRESS.`,
        ENOTFOUND: `${host} is not an address of this machine: give another with --host ADDRESS.`,
      };
      const message = words[cause.code ?? ''] ?? `Cannot listen on ${host}:${port} (${cause.code}).`;
      reject(new HouseError('conflict', message, { cause }));
    });
    server.listen(port, host, () => resolve());
  });
}

type Upgrade = { readonly incoming: IncomingMessage; readonly socket: Duplex; readonly head: Buffer };

async function upgrade(options: ServerOptions, env: Upgrade): Promise<void> {
  const { incoming, socket } = env;
  socket.on('error', () => socket.destroy());
  try {
    const scheme = options.tls ? 'https' : 'http';
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) {
      if (typeof value === 'string') headers.set(name, value);
    }
    const url = new URL(incoming.url ?? '/', `${scheme}://${incoming.headers.host ?? 'unknown.invalid'}`);
    const response = await options.fetch(new Request(url, { headers, method: incoming.method ?? 'GET' }), env);
    if (!response.headers.has(upgraded)) await refuse(socket, response);
  } catch (error) {
    options.log.warn('upgrade failed', { error });
    socket.destroy();
  }
}

/** Writes an ordinary answer where an upgrade was asked for. */
async function refuse(socket: Duplex, response: Response): Promise<void> {
  const status = response.status === 200 ? 426 : response.status;
  const body = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type') ?? 'text/plain';
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    `content-type: ${type}`,
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}
