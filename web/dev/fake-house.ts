/**
 * A house that is not there, for work on the page: `npm run fake -w web`, then open http://127.0.0.1:8440.
 * Serves web/dist and an API with cameras of every state, whose footage is a test picture made by ffmpeg.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { cameras, daySpans, findCamera } from './fake-cameras.ts';
import { fragmentAt, gopMs, openFootage, type Footage } from './fake-footage.ts';

const footage = openFootage();
const dist = join(import.meta.dirname, '../dist');
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};
const policy =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'";
let signedIn = !process.argv.includes('--signed-out');
let setupNeeded = process.argv.includes('--setup');
let list = process.argv.includes('--empty') ? [] : cameras;
const user = { id: 'u1', email: 'sam@example.org', name: 'Sam Porter', role: 'owner' };

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

async function readBody(request: IncomingMessage): Promise<Record<string, string>> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return JSON.parse(Buffer.concat(parts).toString() || '{}') as Record<string, string>;
}

function playlist(url: URL): string {
  const from = Number(url.searchParams.get('from'));
  const to = Math.min(Number(url.searchParams.get('to')), Date.now());
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', `#EXT-X-TARGETDURATION:2`, '#EXT-X-MAP:URI="init.mp4"'];
  const first = Math.floor(from / gopMs);
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${first % 1_000_000}`);
  let before = first;
  for (let gop = first; (gop + 1) * gopMs <= to; gop++) {
    if (!daySpans(gop * gopMs).some((span) => span.fromMs <= gop * gopMs && gop * gopMs < span.toMs)) continue;
    if (gop > before + 1) lines.push('#EXT-X-DISCONTINUITY');
    before = gop;
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(gop * gopMs).toISOString()}`, '#EXTINF:2.000,', `gop-${gop}.mp4`);
  }
  if (Number(url.searchParams.get('to')) < Date.now()) lines.push('#EXT-X-ENDLIST');
  return lines.join('\n');
}

function media(path: string, url: URL, response: ServerResponse, made: Footage): boolean {
  const send = (type: string, body: Buffer | string): true => {
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    return true;
  };
  if (path === 'snapshot.jpg') return send('image/jpeg', made.jpeg);
  if (path === 'hls/index.m3u8') return send('application/vnd.apple.mpegurl', playlist(url));
  if (path === 'hls/init.mp4') return send('video/mp4', made.init);
  const gop = /^hls\/gop-(\d+)\.mp4$/.exec(path);
  if (gop) return send('video/mp4', fragmentAt(made, Number(gop[1])));
  if (path === 'keyframe.mp4') {
    const index = Math.floor(Number(url.searchParams.get('at')) / gopMs);
    return send('video/mp4', Buffer.concat([made.init, made.keys[index % made.keys.length] ?? Buffer.alloc(0)]));
  }
  if (path === 'export.mp4') return send('video/mp4', Buffer.concat([made.init, ...made.gops.slice(0, 3)]));
  return false;
}

async function api(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const route = `${request.method} ${url.pathname}`;
  if (route === 'GET /api/health') return json(response, 200, { ok: true });
  if (route === 'GET /api/session') return json(response, 200, signedIn ? { user, setupNeeded } : { setupNeeded });
  if (route === 'POST /api/session' || route === 'POST /api/setup') {
    const { password, token } = await readBody(request);
    if (token === 'used')
      return json(response, 403, { kind: 'forbidden', message: 'This link was used already.', reason: 'token-used' });
    if (password === 'wrong') return json(response, 401, { kind: 'unauthenticated', message: 'Wrong password.' });
    [signedIn, setupNeeded] = [true, false];
    return json(response, 200, { user, setupNeeded });
  }
  if (route === 'DELETE /api/session') {
    signedIn = false;
    return void response.writeHead(204).end();
  }
  if (!signedIn)
    return json(response, 401, { kind: 'unauthenticated', message: 'Sign in first.', reason: 'no-session' });
  if (route === 'GET /api/cameras')
    return json(response, 200, { cameras: list.map((camera) => findCamera(camera.id)) });
  if (route === 'POST /api/cameras/test') return testSource(response, await readBody(request));
  const [, id = '', rest = ''] = /^\/api\/cameras\/([^/]+)\/?(.*)$/.exec(url.pathname) ?? [];
  const camera = findCamera(id);
  if (request.method === 'POST' && url.pathname === '/api/cameras') return json(response, 201, cameras[0]);
  if (!camera) return json(response, 404, { kind: 'not-found', message: 'There is no such camera.' });
  if (rest === '' && request.method === 'DELETE') {
    list = list.filter((other) => other.id !== id);
    return void response.writeHead(204).end();
  }
  if (rest === '') return json(response, 200, camera);
  if (rest === 'recordings') {
    const [from, to] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))];
    const spans = daySpans(from + 1).filter((span) => span.fromMs < to && span.toMs > from);
    const gaps = spans.slice(1).map((span, index) => ({
      fromMs: spans[index]?.toMs ?? 0,
      toMs: span.fromMs,
      reason: index === 0 ? 'camera-offline' : 'power',
    }));
    return json(response, 200, { spans, gaps });
  }
  if (rest === 'whep') return json(response, 406, { kind: 'unavailable', message: 'B-frames', reason: 'b-frames' });
  if (!media(rest, url, response, footage)) json(response, 404, { kind: 'not-found', message: 'No such part.' });
}

function testSource(response: ServerResponse, body: Record<string, string>): void {
  const good = !(body['url'] ?? '').includes('bad');
  const streams = [{ name: 'main', codec: 'h264', widthPx: 1920, heightPx: 1080, fps: 25, audioCodec: 'aac' }];
  const found = good
    ? { ok: true, message: 'The camera sends pictures.', streams, notes: ['Sound is AAC: live sound uses MSE.'] }
    : {
        ok: false,
        reason: 'unauthorized',
        message: 'The camera refuses the user name or password.',
        fix: 'Check them on the camera’s own page.',
        streams: [],
        notes: [],
      };
  setTimeout(() => json(response, 200, found), 1200);
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://house');
  if (url.pathname.startsWith('/api/')) return void api(request, response, url);
  const file = join(dist, url.pathname);
  const found = url.pathname !== '/' && existsSync(file) ? file : join(dist, 'index.html');
  response.writeHead(200, { 'content-type': types[extname(found)] ?? 'text/plain', 'content-security-policy': policy });
  response.end(readFileSync(found));
});

const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket, request) => {
  if (!request.url?.endsWith('/changes')) serveMse(socket);
});

function serveMse(socket: {
  send(data: string | Buffer): void;
  on(event: 'close', listener: () => void): unknown;
}): void {
  const { frames, init, codecs, frameMs } = footage;
  socket.send(JSON.stringify({ kind: 'tracks', codecs, wallMs: Date.now(), mediaMs: 0 }));
  socket.send(init);
  let sent = 0;
  const startedMs = performance.now();
  const timer = setInterval(() => {
    while (sent * frameMs < performance.now() - startedMs + 400) socket.send(frames(sent++));
  }, frameMs);
  socket.on('close', () => clearInterval(timer));
}

server.listen(Number(process.env['PORT'] ?? 8440), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${process.env['PORT'] ?? 8440}\n`);
});
