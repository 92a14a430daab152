import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { expositionType } from '@porchlight/base/metrics';
import type { MediaGrant } from '@porchlight/contract/media-grant';
import { findEndpoint, type FoundEndpoint } from './find-endpoint.ts';
import type { GrantGate, Span } from './grant-gate.ts';
import { toProblem } from './problem.ts';

/** What a route finds in its context. */
export type AgentVariables = {
  /** The grant that opened it; undefined when the agent runs without a hub. */
  readonly grant: MediaGrant | undefined;
  /** Session that a lease ends with. */
  readonly sid: string;
};
export type AgentEnv = { Variables: AgentVariables };
export type AgentRoutes = Hono<AgentEnv>;

/** Session of whoever comes by the local socket of an agent without a hub. */
export const localSid = 'local';

/** What the app is made of. */
export type AppOptions = {
  /** Undefined: an agent without a hub, where the local socket's own permissions are the gate. */
  readonly gate: GrantGate | undefined;
  /** Answer the contract's `at: 'agent'` endpoints, at the same paths. */
  readonly routes: {
    readonly playback: Hono;
    readonly live: AgentRoutes;
    readonly snapshots: AgentRoutes;
    readonly triggers: AgentRoutes;
    readonly holds: AgentRoutes;
    readonly exports: AgentRoutes;
  };
  /** Prometheus text. */
  readonly metrics: () => string;
  readonly log: Log;
};

/** The agent's HTTP app: every media route checks its grant here, once. Errors are `{kind,message,fix}`. */
export function openApp({ gate, routes, metrics, log }: AppOptions): AgentRoutes {
  const app: AgentRoutes = new Hono();
  app.get('/metrics', (context) => context.text(metrics(), 200, { 'content-type': expositionType }));
  app.use('/api/*', async (context, next) => {
    const { method, path } = context.req;
    const asked = findEndpoint(method, path);
    if (!asked) throw notFound();
    const grant = await checkGrant(gate, asked, context.req.header('authorization'), toSpan(new URL(context.req.url)));
    context.set('grant', grant);
    context.set('sid', grant?.sid ?? localSid);
    await next();
  });
  app.route('/', routes.playback);
  app.route('/', routes.live);
  app.route('/', routes.snapshots);
  app.route('/', routes.triggers);
  app.route('/', routes.holds);
  app.route('/', routes.exports);
  app.notFound(() => {
    throw notFound();
  });
  app.onError((error, context) => {
    const { status, body } = toProblem(error);
    if (status >= 500) log.error('A request failed', { path: context.req.path, error });
    return context.json(body, status as ContentfulStatusCode);
  });
  return app;
}

/** Lets a request through, or throws. */
export async function checkGrant(
  gate: GrantGate | undefined,
  asked: FoundEndpoint,
  authorization: string | undefined,
  span: Span | undefined,
): Promise<MediaGrant | undefined> {
  return gate?.check(asked, authorization, span);
}

function toSpan(url: URL): Span {
  const number = (name: string): number | undefined => {
    const text = url.searchParams.get(name);
    return text === null || !/^\d{1,16}$/.test(text) ? undefined : Number(text);
  };
  const at = number('at');
  return { fromMs: number('from') ?? at, toMs: number('to') ?? at };
}

function notFound(): HouseError {
  return new HouseError('not-found', 'The agent answers nothing at this address', { fix: 'See /api/openapi.json.' });
}
