import { createReadStream, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import type { Context } from 'hono';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};
const hashed = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/**
 * Serves the built web app: files as they are, everything else without an extension is the page itself (its router knows the rest). Names with a
 * content hash may be kept for ever; the page is asked for anew each time.
 */
export function openPageFiles(folder: string): (context: Context) => Promise<Response | undefined> {
  return async (context) => {
    const { method, path } = context.req;
    if (method !== 'GET' && method !== 'HEAD') return undefined;
    const name = toFileName(path);
    if (name === undefined) return undefined;
    const found = await find(join(folder, name));
    if (found) return send(context, { file: join(folder, name), stats: found, immutable: hashed.test(path) });
    if (extname(name) !== '') return undefined;
    const page = join(folder, 'index.html');
    const stats = await find(page);
    if (stats) return send(context, { file: page, stats, immutable: false });
    return context.text('The web app is not built: run npm run build:web.', 503);
  };
}

type Found = { readonly file: string; readonly stats: Stats; readonly immutable: boolean };

function send(context: Context, { file, stats, immutable }: Found): Response {
  const etag = `"${stats.size.toString(16)}-${Math.trunc(stats.mtimeMs).toString(16)}"`;
  context.header('etag', etag);
  context.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (context.req.header('if-none-match') === etag) return context.body(null, 304);
  context.header('content-type', types[extname(file)] ?? 'application/octet-stream');
  context.header('content-length', String(stats.size));
  if (context.req.method === 'HEAD') return context.body(null);
  return context.body(Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>);
}

/** Path below the folder, or undefined for one that would leave it or names a hidden file. */
function toFileName(path: string): string | undefined {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return undefined;
  }
  if (decoded.includes('\0') || decoded.includes('\\') || /(^|\/)\./.test(decoded)) return undefined;
  const name = normalize(decoded);
  return name === '/' ? 'index.html' : name.slice(1);
}

async function find(file: string): Promise<Stats | undefined> {
  try {
    const stats = await stat(file);
    return stats.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}
