import { Hono, type Context } from 'hono';
import type { Archive } from '#archive';
import type { Volume } from '#volume';
import type { Clock } from '@porchlight/base/clock';
import { HouseError, toHouseError, toHttpStatus } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { StreamName } from '@porchlight/contract/camera';
import { endpoints } from '@porchlight/contract/endpoints';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import type { MediaGrant } from '@porchlight/contract/media-grant';
import { answerCoverage } from './coverage-answer.ts';
import { openExport } from './export.ts';
import { toGops } from './gops.ts';
import { readKeyFrame } from './key-frame.ts';
import { makeExportManifest, toExportName, type FootageRecord } from './manifest.ts';
import { readPart } from './part.ts';
import { writePlaylist } from './playlist.ts';

export type PlaybackDependencies = {
  readonly archive: Archive;
  readonly volume: Volume;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: footage is not vouched for. */
  readonly record?: FootageRecord;
};

const hourMs = 3_600_000;
const mostMs = { recordings: 400 * 24 * hourMs, playlist: 12 * hourMs, export: 24 * hourMs };
/** Footage that ended less than this ago may go on: between two files there is a moment without an open one. */
const mayGoOnMs = 5_000;

/** What the app that mounts the routes may have put into the context: the grant that opened them. */
type PlaybackEnv = { Variables: { readonly grant?: MediaGrant | undefined } };

const toPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

/**
 * The contract's routes on footage, at their contract paths. Whoever mounts this has checked the caller's grant; here
 * it is only made sure that a part belongs to the camera in the path. Errors are answered as `{kind,message,fix}`.
 */
export function playbackRoutes(dependencies: PlaybackDependencies): Hono {
  const { archive } = dependencies;
  const app = new Hono<PlaybackEnv>();
  app.onError((thrown, context) => toAnswer(context, thrown, dependencies.log));
  app.get(toPath(endpoints.getRecordings.path), (context) => {
    const { fromMs, toMs } = parseSpan(context, mostMs.recordings);
    return context.json(archive.findSpans(parseCamera(context), fromMs, toMs));
  });
  app.get(toPath(endpoints.getCoverage.path), (context) =>
    context.json(answerCoverage(dependencies, parseCamera(context), context.req.query())),
  );
  app.get(toPath(endpoints.getPlaylist.path), (context) => answerPlaylist(dependencies, context));
  app.get(toPath(endpoints.getPlaylistPart.path), async (context) => {
    const name = context.req.param('part') ?? '';
    const bytes = await readPart(dependencies, parseCamera(context), { name, within: context.get('grant') });
    return answerBytes(bytes, { 'Cache-Control': 'private, max-age=600, immutable' });
  });
  app.get(toPath(endpoints.getExport.path), (context) => answerExport(dependencies, context));
  app.get(toPath(endpoints.getManifest.path), (context) => answerManifest(dependencies, context));
  app.get(toPath(endpoints.getKeyFrame.path), async (context) => {
    const query = endpoints.getKeyFrame.query.safeParse(context.req.query());
    if (!query.success) throw invalid('Expected `at` in milliseconds UTC', 'Give ?at=, such as ?at=1767225600000');
    const camera = parseCamera(context);
    const main = archive.findSegmentAt(camera, 'main', query.data.at);
    const stream = query.data.stream ?? (main === undefined ? 'sub' : 'main');
    const { bytes, atMs } = await readKeyFrame(dependencies, { camera, stream, atMs: query.data.at });
    return answerBytes(bytes, { 'Porchlight-At-Ms': String(atMs), 'Cache-Control': 'private, max-age=600' });
  });
  return new Hono().route('/', app);
}

function answerPlaylist({ archive, clock }: PlaybackDependencies, context: Context): Response {
  const camera = parseCamera(context);
  const span = parseSpan(context, mostMs.playlist);
  const stream = parseStream(context) ?? pickStream(archive, camera, span);
  const segments = archive.listSegments(camera, stream, span);
  const all = toGops(segments, span);
  const gops = all.filter((gop) => gop.whole);
  const endMs = gops.at(-1)?.endMs ?? 0;
  const mayGoOn = segments.some((segment) => segment.open) || clock.nowMs() - endMs < mayGoOnMs;
  const growing = endMs < span.toMs && mayGoOn;
  if (gops.length === 0) {
    throw new HouseError('not-found', 'Nothing is recorded in this span yet', { fix: 'Choose a span with footage' });
  }
  return context.body(writePlaylist({ gops, fromMs: span.fromMs, growing }), 200, {
    'Content-Type': endpoints.getPlaylist.responseType,
    'Cache-Control': 'no-store',
  });
}

function answerExport(dependencies: PlaybackDependencies, context: Context): Response {
  const camera = parseCamera(context);
  const span = parseSpan(context, mostMs.export);
  const stream = parseStream(context) ?? pickStream(dependencies.archive, camera, span);
  const { body, fromMs, toMs, formatChanged } = openExport(dependencies, { camera, stream, ...span });
  return new Response(body, {
    headers: {
      'Content-Type': endpoints.getExport.responseType,
      'Content-Disposition': `attachment; filename="${toExportName(camera, { fromMs, toMs })}"`,
      'Porchlight-From-Ms': String(fromMs),
      'Porchlight-To-Ms': String(toMs),
      ...(formatChanged ? { 'Porchlight-Ended-Because': 'format-changed' } : {}),
      'Accept-Ranges': 'none',
      'Cache-Control': 'no-store',
    },
  });
}

async function answerManifest({ record, ...parts }: PlaybackDependencies, context: Context): Promise<Response> {
  if (record === undefined) {
    throw new HouseError('unavailable', 'This agent keeps no record of its footage', { fix: 'Export without it' });
  }
  const camera = parseCamera(context);
  const span = parseSpan(context, mostMs.export);
  const stream = parseStream(context) ?? pickStream(parts.archive, camera, span);
  const manifest = await makeExportManifest({ ...parts, record }, { camera, stream, ...span });
  const name = `${manifest.files[0]!.name}.proof.json`;
  return context.body(JSON.stringify(manifest), 200, {
    'Content-Type': endpoints.getManifest.responseType,
    'Content-Disposition': `attachment; filename="${name}"`,
    'Cache-Control': 'no-store',
  });
}

function answerBytes(bytes: Uint8Array, headers: Record<string, string>): Response {
  const body = bytes as Uint8Array<ArrayBuffer>;
  return new Response(body, {
    headers: { 'Content-Type': 'video/mp4', 'Content-Length': String(bytes.length), ...headers },
  });
}

const invalid = (message: string, fix: string): HouseError => new HouseError('invalid', message, { fix });

function parseCamera(context: Context): CameraId {
  const camera = cameraIdSchema.safeParse(context.req.param('id'));
  if (!camera.success) throw new HouseError('not-found', 'There is no such camera', { fix: 'List /api/cameras' });
  return camera.data;
}

function parseSpan(context: Context, most: number): { fromMs: number; toMs: number } {
  const query = endpoints.getRecordings.query.safeParse(context.req.query());
  if (!query.success) {
    throw invalid(
      'Expected `from` and `to` in milliseconds UTC',
      'Give ?from=&to=, such as ?from=1767225600000&to=1767229200000',
    );
  }
  const { from: fromMs, to: toMs } = query.data;
  if (fromMs >= toMs) throw invalid('Expected `from` before `to`', 'Swap the two times');
  if (toMs - fromMs > most) {
    throw invalid(
      `Expected at most ${most / hourMs} hours, got ${Math.ceil((toMs - fromMs) / hourMs)}`,
      'Ask for less at once',
    );
  }
  return { fromMs, toMs };
}

function parseStream(context: Context): StreamName | undefined {
  const query = endpoints.getPlaylist.query.safeParse(context.req.query());
  if (!query.success) throw invalid('Expected `stream` to be main or sub', 'Leave `stream` out for the best there is');
  return query.data.stream;
}

/** The main stream, unless only the sub stream is recorded there. */
function pickStream(archive: Archive, camera: CameraId, span: { fromMs: number; toMs: number }): StreamName {
  const { spans } = archive.findSpans(camera, span.fromMs, span.toMs);
  return spans.length > 0 && spans.every((found) => found.stream === 'sub') ? 'sub' : 'main';
}

function toAnswer(context: Context, thrown: unknown, log: Log): Response {
  const error = toHouseError(thrown);
  if (error.kind === 'internal' || error.kind === 'corrupt')
    log.error('Could not answer', { path: context.req.path, error });
  const message = error.kind === 'internal' ? 'Something went wrong inside the agent' : error.message;
  const fix = error.fix ?? (error.kind === 'internal' ? 'See the log of the agent' : undefined);
  const body = { kind: error.kind, message, ...(fix === undefined ? {} : { fix }) };
  return context.json(body, toHttpStatus(error.kind) as 400);
}
