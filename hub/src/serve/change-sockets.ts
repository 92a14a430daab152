import { WebSocketServer, type WebSocket } from 'ws';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import type { LocalChanges } from '#changes';
import { upgraded, type NodeBindings } from './server.ts';

const pingMs = 30_000;
/** A page that does not read is let go rather than buffered for. */
const longestQueueBytes = 64 * 1024;

/** The WebSockets of `/api/changes`. Pages only listen: what they send is ignored, and little of it taken. */
export function openChangeSockets({ changes, clock }: { readonly changes: LocalChanges; readonly clock: Clock }) {
  const server = new WebSocketServer({ noServer: true, maxPayload: 1024, perMessageDeflate: false });
  return {
    /** Takes the request's socket over for a session. Throws `HouseError('invalid')` when there is none to take. */
    open({ incoming, socket, head }: NodeBindings, sessionId: string): Response {
      if (!socket || !head) {
        throw new HouseError('invalid', 'This address speaks WebSocket only', { fix: 'Connect with a WebSocket.' });
      }
      server.handleUpgrade(incoming, socket, head, (page) => attach(page, { changes, clock, sessionId }));
      return new Response(null, { headers: { [upgraded]: 'true' } });
    },
    close(): void {
      for (const page of server.clients) page.terminate();
      server.close();
    },
  };
}

type Attachment = { readonly changes: LocalChanges; readonly clock: Clock; readonly sessionId: string };

function attach(page: WebSocket, { changes, clock, sessionId }: Attachment): void {
  let alive = true;
  const stop = changes.listen({
    sessionId,
    send(text) {
      if (page.bufferedAmount > longestQueueBytes) page.terminate();
      else page.send(text);
    },
    end: () => page.close(4401, 'signed out'),
  });
  const ping = clock.every(pingMs, () => {
    if (!alive) page.terminate();
    alive = false;
    page.ping();
  });
  page.on('pong', () => (alive = true));
  page.on('error', () => page.terminate());
  page.on('close', () => {
    stop();
    ping.cancel();
  });
}
