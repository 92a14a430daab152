import { Hono, type Context } from 'hono';
import { equalSecrets } from '@porchlight/base/secrets';
import { endpoints, type Endpoint } from '@porchlight/contract/endpoints';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { mostGrantCameras, type MediaAction } from '@porchlight/contract/media-grant';
import { decide, type Caller } from '#access';
import type { CameraRow } from '#store';
import { openHandlers } from './handlers.ts';
import { toPerson } from './person.ts';
import { checkOrigin } from './host-policy.ts';
import type { ApiParts } from './parts.ts';
import { Problem, toErrorResponse } from './problem.ts';
import { toSecurityHeaders } from './security-headers.ts';

/** A handler with its types erased: calls are parsed by the same endpoint's schemas before they reach it. */
type AnyHandler = (call: Record<string, unknown>) => Promise<unknown>;

type Covered = { readonly camera: CameraRow; readonly cameras: 'all' | readonly CameraId[] };

const longestBodyBytes = 64 * 1024;

/** The HTTP app: for each endpoint of the contract who is it → may they → parse → answer. Runs wherever `fetch` requests come in. */
export function openApi(parts: ApiParts): Hono {
  const app = new Hono({ strict: true });
  const handlers = openHandlers(parts) as unknown as Record<string, AnyHandler>;

  app.use(async (context, next) => {
    await next();
    const { host } = new URL(context.req.url);
    for (const [name, value] of Object.entries(toSecurityHeaders(host))) setHeader(context, name, value);
    if (context.req.path.startsWith('/api/') && !context.res.headers.has('cache-control')) {
      setHeader(context, 'cache-control', 'no-store');
    }
  });
  app.use(async (context, next) => {
    checkOrigin(parts.hosts, context.req.raw);
    await next();
  });
  for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
    app.on(endpoint.method, endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1'), (context) =>
      endpoint.at === 'agent'
        ? answerByAgent(parts, endpoint, context)
        : answerByHub({ parts, endpoint, handler: handlers[name]! }, context),
    );
  }
  app.all('/api/*', () => {
    throw new Problem('not-found', 'There is no such endpoint', { fix: 'See /api/openapi.json.' });
  });
  app.notFound(async (context) => (await parts.page?.(context)) ?? context.text('Not found', 404));
  app.onError((error) => toErrorResponse(error, parts.log));
  return app;
}

/** Responses of agents and of `Response.json` may be immutable or sent already; then there is nothing to set. */
function setHeader(context: Context, name: string, value: string): void {
  if (!context.res.headers.has('x-hono-already-sent')) context.header(name, value);
}

type HubRoute = { readonly parts: ApiParts; readonly endpoint: Endpoint; readonly handler: AnyHandler };

async function answerByHub({ parts, endpoint, handler }: HubRoute, context: Context): Promise<Response> {
  const caller = await admit(parts, endpoint, context);
  const params = parse(endpoint.params, context.req.param());
  const query = parse(endpoint.query, context.req.query());
  const body = endpoint.body ? parse(endpoint.body, await readJson(context)) : undefined;
  const answer = await handler({ params, query, body, caller, context });
  if (answer instanceof Response) return answer;
  if (!endpoint.response) return context.body(null, endpoint.status as 204);
  return context.json(endpoint.response.parse(answer) as object, endpoint.status as 200);
}

async function answerByAgent(parts: ApiParts, endpoint: Endpoint, context: Context): Promise<Response> {
  const caller = await admit(parts, endpoint, context);
  const params = parse(endpoint.params, context.req.param());
  const { access: action } = endpoint;
  if (action === 'open' || action === 'session' || action === 'metrics') {
    throw new TypeError(`Expected ${endpoint.path} to name a media action, got ${action}`);
  }
  const named = (params as { id?: string } | undefined)?.id;
  if (named === undefined) {
    const covered = toCovered(await parts.store.listCameras(), caller, action);
    return parts.visitAgent({ context, caller: toPerson(caller), action, ...covered });
  }
  const id = cameraIdSchema.parse(named);
  const camera = await parts.roster.find(id);
  if (!camera) throw new Problem('not-found', `There is no camera ${id}`, { fix: 'Reload the list of cameras.' });
  return parts.visitAgent({ context, caller: toPerson(caller), camera, action });
}

/** The cameras that the caller may do this with, for an endpoint that names none. Throws a `Problem` when there is none. */
function toCovered(rows: readonly CameraRow[], caller: Caller, access: MediaAction): Covered {
  const allowed = rows.filter(({ id: camera }) => decide(caller, { access, camera }) === 'allow');
  const [camera] = allowed;
  if (camera === undefined) throw new Problem('not-found', 'There is no camera yet', { fix: 'Add a camera first.' });
  if (allowed.length === rows.length) return { camera, cameras: 'all' };
  return { camera, cameras: allowed.slice(0, mostGrantCameras).map(({ id }) => id) };
}

/** Who is it, and may they; throws if not. */
async function admit(parts: ApiParts, endpoint: Endpoint, context: Context): Promise<Caller> {
  const caller: Caller = endpoint.access === 'open' ? { kind: 'nobody' } : await identify(parts, context);
  switch (decide(caller, { access: endpoint.access })) {
    case 'allow':
      return caller;
    case 'unauthenticated':
      throw new Problem('unauthenticated', 'Sign in first', { reason: 'no-session', fix: 'Sign in.' });
    case 'forbidden':
      throw new Problem('forbidden', 'You may not do this', { fix: 'Ask the owner of this house.' });
  }
}

async function identify(parts: ApiParts, context: Context): Promise<Caller> {
  const bearer = /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  if (bearer !== undefined) {
    const { owner, metrics } = parts.tokens;
    if (owner !== undefined && equalSecrets(bearer, owner)) {
      return { kind: 'machine-owner', userId: 'local', sessionId: 'local' };
    }
    if (metrics !== undefined && equalSecrets(bearer, metrics)) return { kind: 'metrics-reader' };
    return { kind: 'nobody' };
  }
  const found = await parts.identity.findSession(context.req.raw.headers);
  if (!found) return { kind: 'nobody' };
  for (const line of found.setCookie) context.header('set-cookie', line, { append: true });
  return { kind: 'person', userId: found.session.user.id, sessionId: found.session.id, role: found.session.user.role };
}

function parse(schema: Endpoint['query'], value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new Problem('invalid', `${where}${issue?.message ?? 'not as expected'}`, {
    reason: 'bad-request',
    fix: 'See /api/openapi.json for what is expected.',
  });
}

async function readJson(context: Context): Promise<unknown> {
  const type = context.req.header('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new Problem('invalid', 'Expected a JSON body', { status: 415, fix: 'Send content-type: application/json.' });
  }
  const text = await readText(context.req.raw);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Problem('invalid', 'The body is not JSON', { fix: 'Send one JSON object.' });
  }
}

/** The body as text; stops reading when it grows over the limit, whatever its length header says. */
async function readText(request: Request): Promise<string> {
  const tooLong = (): Problem =>
    new Problem('invalid', 'The body is too long', { status: 413, fix: `Send at most ${longestBodyBytes} bytes.` });
  if (Number(request.headers.get('content-length') ?? 0) > longestBodyBytes) throw tooLong();
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > longestBodyBytes) throw tooLong();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
