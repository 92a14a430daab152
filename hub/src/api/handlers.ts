import { equalSecrets, hashToken } from '@porchlight/base/secrets';
import { sourceTestSchema } from '@porchlight/contract/camera';
import type { AnswerOf, EndpointName, endpoints } from '@porchlight/contract/endpoints';
import type { ApiError } from '@porchlight/contract/errors';
import type { SignedIn } from '#identity';
import type { CommandRow } from '#store';
import { toOpenApi } from './openapi-document.ts';
import { Problem } from './problem.ts';
import type { ApiParts, Call } from './parts.ts';
import { alarmHandlers } from './alarm-handlers.ts';
import { proofHandlers } from './proof-handlers.ts';
import { countSignIn, forgetSignIns } from './sign-in-limit.ts';
import { toPerson } from './person.ts';
import { setupTokenSetting } from './setup-token.ts';
import { storageHandlers } from './storage-handlers.ts';

type HubEndpoint = {
  [Name in EndpointName]: (typeof endpoints)[Name]['at'] extends 'hub' ? Name : never;
}[EndpointName];

/** One function per endpoint that the hub answers. A value is parsed by the contract's schema on its way out; a `Response` goes as it is. */
export type Handlers = {
  readonly [Name in HubEndpoint]: (call: Call<Name>) => Promise<AnswerOf<Name> | Response>;
};

const testLifetimeMs = 20_000;

/** All handlers over the parts. */
export function openHandlers(parts: ApiParts): Handlers {
  return {
    ...openHandlersOf(parts),
    ...personHandlers(parts),
    ...cameraHandlers(parts),
    ...alarmHandlers(parts),
    ...proofHandlers(parts),
    ...storageHandlers(parts),
  };
}

type OpenNames = 'getHealth' | 'getOpenApi' | 'getMetrics' | 'getChanges' | 'getCommand';

function openHandlersOf(parts: ApiParts): Pick<Handlers, OpenNames> {
  return {
    getHealth: async () => ({ ok: true }),
    getOpenApi: async () => toOpenApi(),
    getMetrics: async () =>
      new Response(await parts.metrics(), { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } }),
    getChanges: ({ context, caller }) => parts.openChanges(context, toPerson(caller)),
    async getCommand({ params, context, caller }) {
      const row = await parts.commands.wait(params.id, waitMsOf(context.req.header('prefer'), 0));
      if (!row || row.createdBy !== toPerson(caller).userId) {
        throw new Problem('not-found', 'There is no such command', { fix: 'Ask again: old ones are forgotten.' });
      }
      return toStatus(row, parts.clock.nowMs());
    },
  };
}

type PersonNames = 'setup' | 'signIn' | 'getSession' | 'signOut';

function personHandlers(parts: ApiParts): Pick<Handlers, PersonNames> {
  const { identity, store } = parts;
  const welcome = (context: Call<'signIn'>['context'], signedIn: SignedIn) => {
    for (const line of signedIn.setCookie) context.header('set-cookie', line, { append: true });
    return { user: signedIn.session.user, setupNeeded: false };
  };
  return {
    async setup({ body, context }) {
      await countSignIn(parts, { address: parts.addressOf(context), account: 'set-up' });
      if (await identity.hasOwner()) {
        throw new Problem('conflict', 'Set-up is done already', { reason: 'setup-done', fix: 'Sign in.' });
      }
      const hash = hashToken(body.token);
      const expected = await store.findSetting(setupTokenSetting);
      const right = expected !== undefined && equalSecrets(expected, hash);
      if (!right || !(await store.takeSetting(setupTokenSetting, hash))) {
        throw new Problem('forbidden', 'This set-up link is not the right one', {
          reason: 'bad-token',
          fix: 'Open the link that the start command printed last; each start makes a new one.',
        });
      }
      const { email, password, name } = body;
      return welcome(context, await identity.createOwner({ email, password, name }, context.req.raw.headers));
    },
    async signIn({ body, context }) {
      const attempt = { address: parts.addressOf(context), account: body.email };
      await countSignIn(parts, attempt);
      const signedIn = await identity.signIn(body, context.req.raw.headers);
      if (!signedIn) {
        throw new Problem('unauthenticated', 'E-mail address or password is wrong', {
          reason: 'bad-credentials',
          fix: 'Look at both and try again.',
        });
      }
      await forgetSignIns(store, attempt);
      return welcome(context, signedIn);
    },
    async getSession({ context }) {
      const found = await identity.findSession(context.req.raw.headers);
      if (found) return welcome(context, found);
      return { setupNeeded: !(await identity.hasOwner()) };
    },
    async signOut({ context, caller }) {
      for (const line of await identity.signOut(context.req.raw.headers)) {
        context.header('set-cookie', line, { append: true });
      }
      await parts.onSessionEnd(toPerson(caller).sessionId);
      return undefined;
    },
  };
}

type CameraNames = 'listCameras' | 'addCamera' | 'testSource' | 'getCamera' | 'patchCamera' | 'removeCamera';

function cameraHandlers(parts: ApiParts): Pick<Handlers, CameraNames> {
  const { roster } = parts;
  return {
    listCameras: async () => ({ cameras: await roster.list() }),
    addCamera: ({ body, caller }) => roster.add(body, toPerson(caller).userId),
    getCamera: ({ params }) => roster.get(params.id),
    patchCamera: ({ params, body }) => roster.change(params.id, body),
    async removeCamera({ params, query }) {
      await roster.remove(params.id, query.footage ?? 'keep');
      await parts.alarms.endOfCamera(params.id);
      return undefined;
    },
    async testSource({ body, caller, context }) {
      const { agentId, ...args } = await roster.sealSource(body);
      const createdBy = toPerson(caller).userId;
      const asked = await parts.commands.ask({
        agent: agentId,
        verb: 'test-source',
        args,
        lifetimeMs: testLifetimeMs,
        createdBy,
      });
      const row = await parts.commands.wait(asked.id, waitMsOf(context.req.header('prefer'), parts.answerWaitMs));
      const status = toStatus(row ?? asked, parts.clock.nowMs());
      if (status.state === 'waiting') {
        return Response.json(status, { status: 202, headers: { location: `/api/commands/${asked.id}` } });
      }
      return toTestResult(row ?? asked);
    },
  };
}

function toTestResult(row: CommandRow): AnswerOf<'testSource'> {
  if (row.state === 'done') {
    const parsed = sourceTestSchema.safeParse(row.result);
    if (parsed.success) return parsed.data;
  }
  const { message, fix, reason }: Partial<ApiError> = row.error ?? {
    message: 'The agent did not answer in time',
    fix: 'Look whether it runs, and try again.',
    reason: 'agent-down',
  };
  return {
    ok: false,
    message: message ?? 'The test failed',
    ...(fix === undefined ? {} : { fix }),
    ...(reason === undefined ? {} : { reason }),
    streams: [],
    notes: [],
  };
}

function toStatus(row: CommandRow, nowMs: number): AnswerOf<'getCommand'> {
  if (row.state === 'waiting') return { id: row.id, state: row.expiresMs <= nowMs ? 'expired' : 'waiting' };
  return { id: row.id, state: row.state, answer: row.state === 'done' ? row.result : row.error };
}

/** Seconds in `Prefer: wait=N` (RFC 7240 4.3), at most 25, in milliseconds. */
function waitMsOf(prefer: string | undefined, fallbackMs: number): number {
  const match = /(?:^|[,;\s])wait=(\d{1,3})(?:$|[,;\s])/.exec(prefer ?? '');
  return match ? Math.min(Number(match[1]), 25) * 1000 : fallbackMs;
}
