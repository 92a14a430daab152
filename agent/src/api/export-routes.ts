import { Readable } from 'node:stream';
import { Hono, type Context } from 'hono';
import { HouseError } from '@porchlight/base/errors';
import {
  exportIdSchema,
  exportWishSchema,
  type ExportId,
  type ExportJob,
  type ExportWish,
} from '@porchlight/contract/exports';
import type { CameraId } from '@porchlight/contract/ids';
import type { MediaGrant } from '@porchlight/contract/media-grant';
import type { AgentEnv, AgentRoutes } from './app.ts';
import { parseRange } from './byte-range.ts';

type Owned = { readonly job: ExportJob; readonly by: string | undefined };
type File = {
  readonly downloadName: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly tag: string;
  body(range: { readonly fromBytes: number; readonly toBytes: number }): Readable;
};

/** What these routes answer from. Its calls throw `HouseError`. */
export type ExportSource = {
  add(wish: ExportWish, by: string | undefined): ExportJob;
  list(): readonly Owned[];
  find(id: ExportId): Owned | undefined;
  remove(id: ExportId): Promise<void>;
  resume(id: ExportId): ExportJob;
  openFile(id: ExportId, name: string): Promise<File | undefined>;
};

const maxBodyChars = 16_384;
const fresh = { 'cache-control': 'no-store' };

/**
 * Exports: made, listed, resumed, deleted, downloaded. Only somebody who may export all cameras of one sees it, at any time: what was taken
 * from them since counts. Only who asked for it, or may export all cameras, changes it.
 */
export function exportRoutes(exports: ExportSource): AgentRoutes {
  const routes: AgentRoutes = new Hono();
  const find = (context: Context<AgentEnv>): Owned => {
    const id = exportIdSchema.safeParse(context.req.param('export'));
    const found = id.success ? exports.find(id.data) : undefined;
    if (found === undefined || !covers(context.get('grant'), found.job.cameras)) throw noExport();
    return found;
  };
  const findOwn = (context: Context<AgentEnv>): Owned => {
    const found = find(context);
    const grant = context.get('grant');
    if (grant === undefined || grant.cameras === 'all' || grant.sub === found.by) return found;
    throw new HouseError('forbidden', 'Somebody else asked for this export', { fix: 'Ask them, or make your own.' });
  };
  routes.post('/api/exports', async (context) => {
    const wish = parseWish(await context.req.text());
    const grant = context.get('grant');
    if (!covers(grant, wish.cameras)) {
      throw new HouseError('forbidden', 'You may not export all of these cameras', { fix: 'Ask their owner.' });
    }
    return context.json(exports.add(wish, grant?.sub), 201);
  });
  routes.get('/api/exports', (context) => {
    const seen = exports.list().filter(({ job }) => covers(context.get('grant'), job.cameras));
    return context.json({ exports: seen.map(({ job }) => job) }, 200, fresh);
  });
  routes.get('/api/exports/:export', (context) => context.json(find(context).job, 200, fresh));
  routes.delete('/api/exports/:export', async (context) => {
    await exports.remove(findOwn(context).job.id);
    return context.body(null, 204);
  });
  routes.post('/api/exports/:export/resume', (context) => context.json(exports.resume(findOwn(context).job.id), 200));
  routes.get('/api/exports/:export/files/:file', async (context) => {
    const file = await exports.openFile(find(context).job.id, context.req.param('file'));
    if (file === undefined)
      throw new HouseError('not-found', 'There is no such file', { fix: 'See the export’s list.' });
    return answerFile(context, file);
  });
  return routes;
}

/** Without a hub there are no grants, and the local socket's own permissions are the gate. */
function covers(grant: MediaGrant | undefined, cameras: readonly CameraId[]): boolean {
  if (grant === undefined || grant.cameras === 'all') return true;
  return grant.cameras !== undefined && cameras.every((camera) => grant.cameras?.includes(camera));
}

/** Bytes of it, or all. @see RFC 9110 14.2 */
function answerFile(context: Context, file: File): Response {
  const { sizeBytes, type, downloadName } = file;
  const tag = `"${file.tag}"`;
  const headers = {
    ...{ 'content-type': type, 'accept-ranges': 'bytes', etag: tag, 'cache-control': 'private, no-cache' },
    'content-disposition': `attachment; filename="${downloadName}"`,
  };
  const ifRange = context.req.header('if-range');
  const asked = ifRange === undefined || ifRange === tag ? context.req.header('range') : undefined;
  const range = parseRange(asked, sizeBytes);
  if (range === 'none') {
    return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${sizeBytes}` } });
  }
  const { fromBytes, toBytes } = range ?? { fromBytes: 0, toBytes: sizeBytes };
  const length = { 'content-length': String(toBytes - fromBytes) };
  const part = range && { 'content-range': `bytes ${fromBytes}-${toBytes - 1}/${sizeBytes}` };
  const init = { status: range ? 206 : 200, headers: { ...headers, ...length, ...part } };
  if (context.req.method === 'HEAD') return new Response(null, init);
  return new Response(Readable.toWeb(file.body({ fromBytes, toBytes })) as ReadableStream<Uint8Array>, init);
}

function parseWish(text: string): ExportWish {
  const wish = exportWishSchema.safeParse(parseJson(text));
  if (wish.success) return wish.data;
  const issue = wish.error.issues[0];
  throw new HouseError('invalid', `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not a wish'}`, {
    fix: 'Send JSON such as {"cameras":["yard"],"fromMs":…,"toMs":…}.',
  });
}

function parseJson(text: string): unknown {
  if (text.length > maxBodyChars) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const noExport = (): HouseError =>
  new HouseError('not-found', 'There is no such export', { fix: 'List the exports; files are kept for 24 hours.' });
