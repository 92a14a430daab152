import { createLocalJWKSet, jwtVerify } from 'jose';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { endpoints, type Endpoint } from '@porchlight/contract/endpoints';
import type { AgentId } from '@porchlight/contract/ids';
import {
  mediaGrantAlgorithm,
  mediaGrantLifetimeMs,
  mediaGrantSchema,
  type MediaGrant,
} from '@porchlight/contract/media-grant';
import type { FoundEndpoint } from './find-endpoint.ts';

/** Hub and agent may disagree about the time by so much. */
const clockToleranceSeconds = 10;
/** An ended session is remembered for as long as one of its grants might still open something, and a little longer. */
const rememberMs = 2 * mediaGrantLifetimeMs;

/** Lets in who has a grant for exactly what they ask. */
export type GrantGate = {
  /** The hub's public keys from now on. */
  setKeys(keys: readonly Record<string, unknown>[]): void;
  /** Grants name the agent that they are for. */
  setAgent(agent: AgentId): void;
  /** Grants of these sessions open nothing any more. */
  endSessions(sids: readonly string[]): void;
  /** Throws `HouseError` unauthenticated or forbidden. */
  check(asked: FoundEndpoint, authorization: string | undefined, span?: Span): Promise<MediaGrant>;
};

/** The time that a request asks for, where it asks for one. */
export type Span = { readonly fromMs: number | undefined; readonly toMs: number | undefined };

/** Opens a gate without keys: it lets nobody in. */
export function openGrantGate(clock: Clock): GrantGate {
  let keys = createLocalJWKSet({ keys: [] });
  let audience: AgentId | undefined;
  const ended = new Map<string, number>();

  return {
    setKeys(list) {
      keys = createLocalJWKSet({ keys: [...list] });
    },
    setAgent: (agent) => void (audience = agent),
    endSessions(sids) {
      const nowMs = clock.monotonicMs();
      for (const [sid, untilMs] of ended) if (untilMs < nowMs) ended.delete(sid);
      for (const sid of sids) ended.set(sid, nowMs + rememberMs);
    },
    async check(asked, authorization, span) {
      const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined || audience === undefined) throw unauthenticated();
      const options = {
        algorithms: [mediaGrantAlgorithm],
        audience,
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.nowMs()),
        requiredClaims: ['exp', 'iat', 'aud'],
      };
      const { payload } = await jwtVerify(token, keys, options).catch((cause: unknown) => {
        throw unauthenticated(cause);
      });
      const grant = mediaGrantSchema.safeParse(payload);
      if (!grant.success || ended.has(grant.data.sid)) throw unauthenticated();
      checkScope(grant.data, asked, span);
      return grant.data;
    },
  };
}

/** The piece's own time, which only the room that has it knows, is held against the grant there. */
const checksItself = (endpoint: Endpoint): boolean => endpoint === endpoints.getPlaylistPart;

function checkScope(grant: MediaGrant, { endpoint, camera, action }: FoundEndpoint, asked: Span | undefined): void {
  const span = checksItself(endpoint) ? { fromMs: grant.fromMs, toMs: grant.toMs } : asked;
  const ofCamera = camera === undefined ? grant.cameras !== undefined : grant.camera === camera;
  const covered = ofCamera && grant.actions.includes(action);
  const from = grant.fromMs === undefined || (span?.fromMs !== undefined && span.fromMs >= grant.fromMs);
  const to = grant.toMs === undefined || (span?.toMs !== undefined && span.toMs <= grant.toMs);
  // A grant without a span covers all time; one with a span says nothing about now, so live view needs one without.
  if (!covered || !from || !to)
    throw new HouseError('forbidden', 'You may not do this with this camera', { fix: 'Ask its owner.' });
}

function unauthenticated(cause?: unknown): HouseError {
  return new HouseError('unauthenticated', 'The agent needs a grant for this', {
    fix: 'Sign in again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
