import { createHash, randomBytes } from 'node:crypto';
import {
  findStrongestChallenge,
  parseChallenges,
  writeBasicAuthorization,
  writeDigestAuthorization,
  type Challenge,
  type DigestHash,
  type RtspResponse,
} from '@porchlight/media/rtsp';

/** A camera user. Never logged, never part of an address. */
export type Credentials = { readonly username: string; readonly password: string };

const hash: DigestHash = (algorithm, text) =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text)
    .digest('hex');

/**
 * The last challenge that has not brought an answer yet. Some cameras end the connection with their 401: the next one begins with what
 * they asked for.
 */
export type ChallengeMemory = { challenge?: Challenge | undefined };

/** Answers a camera's challenges: Digest SHA-256 before MD5 before Basic. */
export type Authorizer = {
  /** Value of the `Authorization` header; undefined while nothing was asked for. */
  authorize(method: string, url: string): string | undefined;
  /** Takes a 401; true when the request is worth sending again. */
  accept(response: RtspResponse): boolean;
  /** The camera has answered: nothing is to be remembered for the next connection. */
  settle(): void;
};

/** Opens an authorizer for one connection. */
export function openAuthorizer(credentials: Credentials | undefined, memory: ChallengeMemory = {}): Authorizer {
  let challenge = credentials && memory.challenge;
  memory.challenge = undefined;
  let nonceCount = 0;
  return {
    authorize(method, url) {
      if (!challenge || !credentials) return undefined;
      const { username, password } = credentials;
      if (challenge.scheme === 'basic') return writeBasicAuthorization(username, password);
      const clientNonce = randomBytes(8).toString('hex');
      return writeDigestAuthorization({
        challenge,
        username,
        password,
        method,
        url,
        nonceCount: ++nonceCount,
        clientNonce,
        hash,
      });
    },
    accept(response) {
      const next = findStrongestChallenge(parseChallenges(response.headers.get('www-authenticate') ?? []));
      if (!credentials || !next) return false;
      const refused =
        challenge !== undefined && !(next.scheme === 'digest' && (next.stale || isNewNonce(challenge, next)));
      challenge = next;
      nonceCount = 0;
      memory.challenge = refused ? undefined : next;
      return !refused;
    },
    settle: () => void (memory.challenge = undefined),
  };
}

/** Cameras that never say `stale` give a new nonce with each 401; whoever asks bounds the tries. */
function isNewNonce(before: Challenge, next: Challenge): boolean {
  return before.scheme === 'digest' && next.scheme === 'digest' && before.nonce !== next.nonce;
}
