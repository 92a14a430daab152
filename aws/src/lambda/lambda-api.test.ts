import type { LambdaEvent } from 'hono/aws-lambda';
import { systemClock as clock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { agentIdSchema } from '@porchlight/contract/ids';
import { renewSetupToken } from '@porchlight/hub/api';
import { openMemoryIdentity } from '@porchlight/hub/identity';
import { openFakeAgentLink } from '@porchlight/hub/link';
import { openMemoryStore } from '@porchlight/hub/store';
import { describeApi, makeHouseKeys, type ApiWorld } from '@porchlight/hub/testing';
import { openAgentHandler, openHttpHandler, type HubServices } from './index.ts';

const host = 'house.example.org';

async function openWorld(): Promise<ApiWorld> {
  const store = openMemoryStore();
  const identity = openMemoryIdentity();
  const link = openFakeAgentLink();
  const metricsToken = 'metrics-token-of-this-test';
  const keys = await makeHouseKeys(clock);
  const services: HubServices = {
    witness: keys.witness,
    ...{ store, identity, link, clock, log: openFakeLog(), grantKeys: [] },
    hosts: { names: [host] },
    tokens: { metrics: metricsToken },
    defaultAgent: agentIdSchema.parse('local'),
  };
  const onRequest = openHttpHandler(services);
  const onAgent = openAgentHandler(services);
  return {
    ...{ store, keys, link, metricsToken, agentRoutes: 'elsewhere', waits: false },
    origin: `https://${host}`,
    setupToken: (await renewSetupToken({ store, identity }))!,
    fetch: async (path, init) => toResponse(await onRequest(toEvent(path, init))),
    receive: (agent, topic, payload) => onAgent({ agent, topic, payload: Buffer.from(payload).toString('base64') }),
    close: () => store.close(),
  };
}

/** A request as API Gateway's HTTP API hands it over. @see payload format 2.0 */
function toEvent(path: string, init: RequestInit = {}): LambdaEvent {
  const url = new URL(path, `https://${host}`);
  const { cookie, ...headers } = Object.fromEntries(new Headers(init.headers));
  const method = init.method ?? 'GET';
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers: { ...headers, host },
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    body: typeof init.body === 'string' ? Buffer.from(init.body).toString('base64') : null,
    isBase64Encoded: true,
    requestContext: {
      accountId: '0',
      apiId: 'a',
      authentication: null,
      authorizer: {},
      domainName: host,
      domainPrefix: 'house',
      http: { method, path: url.pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'r',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
  };
}

type Result = Awaited<ReturnType<ReturnType<typeof openHttpHandler>>>;

function toResponse(result: Result): Response {
  const headers = new Headers();
  for (const [name, value] of Object.entries(result.headers ?? {})) headers.set(name, String(value));
  for (const line of result.cookies ?? []) headers.append('set-cookie', line);
  const body = result.isBase64Encoded ? Buffer.from(result.body, 'base64') : result.body;
  const empty = result.statusCode === 204 || result.statusCode === 304;
  return new Response(empty ? null : body, { status: result.statusCode, headers });
}

describeApi('Lambda, a fresh instance for each event', openWorld);
