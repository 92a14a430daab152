import { exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import type { Clock } from '@porchlight/base/clock';
import type { AgentId, CameraId } from '@porchlight/contract/ids';
import { mediaGrantAlgorithm, mediaGrantLifetimeMs, type MediaAction } from '@porchlight/contract/media-grant';

/** What a grant lets its bearer do. */
export type GrantWish = {
  readonly agent: AgentId;
  readonly userId: string;
  readonly sessionId: string;
  readonly camera: CameraId;
  /** Cameras that it covers where the path names none. */
  readonly cameras?: 'all' | readonly CameraId[] | undefined;
  readonly action: MediaAction;
};

/** Signs media grants. */
export type MediaGrants = {
  /** A token good for 60 s, to open one thing on one camera. */
  sign(wish: GrantWish): Promise<string>;
  /** Keys by which agents check it: JWKs with `kid`. */
  readonly publicKeys: readonly Readonly<Record<string, unknown>>[];
};

/** Makes a signing key: a private JWK (Ed25519) with its id, as text for a secret file. @see RFC 8037 */
export async function makeGrantKey(clock: Clock): Promise<string> {
  const { privateKey } = await generateKeyPair(mediaGrantAlgorithm, { extractable: true });
  const kid = `grant-${clock.nowMs().toString(36)}`;
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid });
}

/** Opens the signer over what `makeGrantKey` made. */
export async function openMediaGrants(keyText: string, clock: Clock): Promise<MediaGrants> {
  const jwk = JSON.parse(keyText) as JWK & { kid: string };
  const key = await importJWK(jwk, mediaGrantAlgorithm);
  const { kty, crv, x, kid } = jwk;
  return {
    publicKeys: [{ kty, crv, x, kid, alg: mediaGrantAlgorithm, use: 'sig' }],
    sign({ agent, userId, sessionId, camera, cameras, action }) {
      const seconds = Math.floor(clock.nowMs() / 1000);
      return new SignJWT({ sid: sessionId, camera, actions: [action], ...(cameras === undefined ? {} : { cameras }) })
        .setProtectedHeader({ alg: mediaGrantAlgorithm, kid })
        .setAudience(agent)
        .setSubject(userId)
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + mediaGrantLifetimeMs / 1000)
        .sign(key);
    },
  };
}
