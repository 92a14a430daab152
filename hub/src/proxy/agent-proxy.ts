import {
  request,
  type ClientRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { reachedAtHeader } from '@porchlight/contract/endpoints';

/** A request to pass on. `authorization` takes the place of whatever the browser sent. */
export type Passage = { readonly incoming: IncomingMessage; readonly authorization: string };

/** The way to the agent beside the hub: its local socket. Bytes pass through unparsed, both ways. */
export type AgentProxy = {
  /** Passes a request and its answer on. Resolves when the answer has begun; throws `HouseError('unavailable')` when there is none. */
  pass(passage: Passage & { readonly outgoing: ServerResponse }): Promise<void>;
  /** Passes an upgrade on: from then on the two sockets are one. */
  upgrade(passage: Passage & { readonly socket: Duplex; readonly head: Buffer }): Promise<void>;
  /** The agent's own metrics; undefined when it does not answer. */
  metrics(): Promise<string | undefined>;
};

export type AgentProxyOptions = {
  readonly socketPath: string;
  readonly log: Log;
  /** Added to every answer: what a page from this hub may do. */
  headersFor(incoming: IncomingMessage): Readonly<Record<string, string>>;
};

/** Longest body that a viewer may send to an agent: an SDP offer. */
const longestBodyBytes = 256 * 1024;
const metricsMs = 2000;
/** For one connection only (RFC 9110 7.6.1), or the browser's secrets. */
const keptBack = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['cookie', 'authorization', 'proxy-authorization', 'forwarded', 'x-forwarded-for', 'x-forwarded-host'],
]);
/** Of an answer: what the agent may not set on the hub's origin. */
const keptFromAnswer = new Set(['connection', 'keep-alive', 'transfer-encoding', 'set-cookie', 'date']);

/** Opens the way to an agent's local socket. Nothing is connected until asked. */
export function openAgentProxy(options: AgentProxyOptions): AgentProxy {
  return {
    pass: (passage) => pass(options, passage),
    upgrade: (passage) => upgrade(options, passage),
    metrics: () => readMetrics(options),
  };
}

const unavailable = (cause: unknown): HouseError =>
  new HouseError('unavailable', 'The recording program is not running', {
    fix: 'It is started again by itself; try again in a few seconds.',
    cause,
  });

function ask(options: AgentProxyOptions, incoming: IncomingMessage, headers: OutgoingHttpHeaders): ClientRequest {
  const { method, url } = incoming;
  return request({ socketPath: options.socketPath, method, path: url, headers, agent: false });
}

function pass(options: AgentProxyOptions, passage: Passage & { outgoing: ServerResponse }): Promise<void> {
  const { incoming, outgoing, authorization } = passage;
  if (Number(incoming.headers['content-length'] ?? 0) > longestBodyBytes) {
    return Promise.reject(new HouseError('invalid', 'The body is too long', { fix: 'Send an SDP offer.' }));
  }
  return new Promise((resolve, reject) => {
    const reachedAt = incoming.socket.localAddress?.replace(/^::ffff:/, '') ?? '';
    const asked = ask(options, incoming, {
      ...toRequestHeaders(incoming),
      ...{ authorization, [reachedAtHeader]: reachedAt },
    });
    // The viewer has gone: stop the agent's work at once.
    outgoing.once('close', () => asked.destroy());
    asked.once('error', (cause) => (outgoing.headersSent ? outgoing.destroy() : reject(unavailable(cause))));
    asked.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...toAnswerHeaders(answer),
        ...options.headersFor(incoming),
      });
      outgoing.flushHeaders();
      pipeline(answer, outgoing, (error) => error && options.log.debug('a viewer or the agent broke off', { error }));
      resolve();
    });
    sendBody(incoming, asked);
  });
}

function sendBody(incoming: IncomingMessage, asked: ClientRequest): void {
  let sizeBytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > longestBodyBytes) asked.destroy(new Error('body too long'));
  });
  pipeline(incoming, asked, () => undefined);
}

function upgrade(
  options: AgentProxyOptions,
  { incoming, socket, head, authorization }: Passage & { socket: Duplex; head: Buffer },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...toRequestHeaders(incoming), authorization, connection: 'upgrade', upgrade: 'websocket' };
    const asked = ask(options, incoming, headers);
    socket.once('close', () => asked.destroy());
    asked.once('error', (cause) => reject(unavailable(cause)));
    asked.once('response', (answer) => {
      void refuse(socket, answer).then(resolve, reject);
    });
    asked.once('upgrade', (answer, agentSocket, agentHead) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`);
      if (agentHead.length > 0) socket.write(agentHead);
      if (head.length > 0) agentSocket.write(head);
      pipeline(agentSocket, socket, agentSocket, () => {
        socket.destroy();
        agentSocket.destroy();
      });
      resolve();
    });
    asked.end();
  });
}

/** The agent answered an upgrade with an ordinary answer: that is what the viewer gets. */
async function refuse(socket: Duplex, answer: IncomingMessage): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const head = [
    `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage ?? ''}`,
    `content-type: ${answer.headers['content-type'] ?? 'text/plain'}`,
    `content-length: ${body.length}`,
    'connection: close',
  ];
  socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}

function toRequestHeaders(incoming: IncomingMessage): OutgoingHttpHeaders {
  const named = new Set((incoming.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept = Object.entries(incoming.headers).filter(([name]) => !keptBack.has(name) && !named.has(name));
  return Object.fromEntries(kept);
}

function toAnswerHeaders(answer: IncomingMessage): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !keptFromAnswer.has(name)));
}

function readMetrics(options: AgentProxyOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ socketPath: options.socketPath, path: '/metrics', agent: false, timeout: metricsMs });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.once('error', () => resolve(undefined));
    asked.once('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', () => resolve(undefined));
      answer.once('end', () => resolve(answer.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined));
    });
    asked.end();
  });
}
