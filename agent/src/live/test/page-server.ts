import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { LiveServer, WhepRequest } from '../index.ts';
import { sessionHeader } from '../index.ts';

const script = readFileSync(new URL('./page.js', import.meta.url), 'utf8');

/** A page's server: WHEP by POST, MSE upgrades piped to the live socket, as the agent's main thread does it. */
export async function openPageServer(options: {
  live: LiveServer;
  socketPath: string;
  request: WhepRequest;
}): Promise<{ url: string; answers: unknown[]; close(): Promise<void> }> {
  const answers: unknown[] = [];
  const server = createServer((incoming, response) => {
    if (incoming.method !== 'POST') {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><video muted autoplay playsinline></video><script>${script}</script>`);
      return;
    }
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (text: string) => (body += text));
    incoming.on('end', () => {
      void options.live.whep(body, options.request).then((answer) => {
        answers.push(answer);
        if (answer.status === 201) response.writeHead(201, { 'content-type': 'application/sdp' }).end(answer.sdp);
        else response.writeHead(answer.status).end(JSON.stringify(answer.error));
      });
    });
  });
  server.on('upgrade', (incoming, socket, head) => {
    const lines = [`GET ${incoming.url} HTTP/1.1`, `${sessionHeader}: ${options.request.sid}`];
    for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
      lines.push(`${incoming.rawHeaders[index]}: ${incoming.rawHeaders[index + 1]}`);
    }
    const shard = connect(options.socketPath, () => {
      shard.write(`${lines.join('\r\n')}\r\n\r\n`);
      shard.write(head);
      shard.pipe(socket).pipe(shard);
    });
    shard.on('error', () => socket.destroy());
    socket.on('error', () => shard.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    answers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
