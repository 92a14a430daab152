import { createHash, randomBytes } from 'node:crypto';
import {
  getHeader,
  parseAuthorization,
  toDigestResponse,
  type DigestHash,
  type RtspHeaderList,
  type RtspRequest,
} from '@porchlight/media/rtsp';

/** Which challenges a camera sends. `both` offers SHA-256 and MD5 in two headers. */
export type DigestKind = 'MD5' | 'SHA-256' | 'both' | 'basic';

export type AuthorizationOptions = {
  readonly username: string;
  readonly password: string;
  readonly digest: DigestKind;
  /** With `qop="auth"`; without it the answer is that of RFC 2069, as most cameras do it. */
  readonly qop: boolean;
  /** After so many uses a nonce is stale; undefined for never. */
  readonly maxNonceUses?: number | undefined;
};

const realm = 'Porchlight simulator';

const hash: DigestHash = (algorithm, text) =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'utf8')
    .digest('hex');

/** One connection's view of who may do what. */
export type Authorizer = {
  /** The headers of a 401, or undefined when the request is authorized. */
  challenge(request: RtspRequest): RtspHeaderList | undefined;
};

/** Opens the check for one connection; each has its own nonce. @see RFC 7616 */
export function openAuthorizer(options: AuthorizationOptions): Authorizer {
  let nonce = randomBytes(16).toString('hex');
  let uses = 0;
  const isRight = (request: RtspRequest): boolean => {
    const value = getHeader(request.headers, 'authorization');
    const given = value === undefined ? undefined : parseAuthorization(value);
    if (!given) return false;
    if (given.scheme === 'basic') {
      return options.digest === 'basic' && given.username === options.username && given.password === options.password;
    }
    const field = (name: string): string => given.fields.get(name) ?? '';
    const algorithm = field('algorithm') === 'SHA-256' ? 'SHA-256' : 'MD5';
    if (options.digest !== 'both' && options.digest !== algorithm) return false;
    if (field('username') !== options.username || field('realm') !== realm || field('uri') !== request.url)
      return false;
    const expected = toDigestResponse({
      ...{ algorithm, realm, username: options.username, password: options.password, hash },
      ...{ method: request.method, url: request.url, nonce: field('nonce') },
      ...{ qop: options.qop ? field('qop') : '', nonceCount: field('nc'), clientNonce: field('cnonce') },
    });
    return field('response') === expected && (!options.qop || field('qop') === 'auth');
  };
  return {
    challenge(request) {
      const right = isRight(request);
      const fresh = options.digest === 'basic' || getHeader(request.headers, 'authorization')?.includes(nonce) === true;
      const worn = options.maxNonceUses !== undefined && ++uses > options.maxNonceUses;
      if (right && fresh && !worn) return undefined;
      if (worn || (right && !fresh)) {
        nonce = randomBytes(16).toString('hex');
        uses = 0;
      }
      return toChallenges(options, nonce, right);
    },
  };
}

function toChallenges(options: AuthorizationOptions, nonce: string, stale: boolean): RtspHeaderList {
  const name = 'WWW-Authenticate';
  if (options.digest === 'basic') return [[name, `Basic realm="${realm}"`]];
  const tail = `${options.qop ? ', qop="auth"' : ''}${stale ? ', stale=true' : ''}`;
  const algorithms = options.digest === 'both' ? ['SHA-256', 'MD5'] : [options.digest];
  return algorithms.map((algorithm) => {
    // A camera with plain MD5 names no algorithm.
    const stated = algorithm === 'MD5' && options.digest === 'MD5' ? '' : `, algorithm=${algorithm}`;
    return [name, `Digest realm="${realm}", nonce="${nonce}"${stated}${tail}`];
  });
}
