import { parseBase64, parseUtf8, writeBase64, writeUtf8 } from '#bytes';

/** Hash of a UTF-8 text in lower-case hexadecimal; media has no crypto of its own. */
export type DigestHash = (algorithm: 'MD5' | 'SHA-256', text: string) => string;

export type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess';

/** One challenge of a `WWW-Authenticate` header. @see RFC 7616 3.3, RFC 7617 */
export type Challenge =
  | { readonly scheme: 'basic'; readonly realm: string }
  | {
      readonly scheme: 'digest';
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | undefined;
      readonly algorithm: DigestAlgorithm;
      /** False when the challenge itself names no algorithm: then none is sent back. */
      readonly algorithmStated: boolean;
      /** Empty when the challenge has none (RFC 2069 style). */
      readonly qop: readonly string[];
      readonly stale: boolean;
    };

/** What a Digest answer is computed from. */
export type DigestAuthorizationOptions = {
  readonly challenge: Extract<Challenge, { scheme: 'digest' }>;
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The request's URL exactly as sent in its first line. */
  readonly url: string;
  /** From 1, one higher with every use of the same nonce. */
  readonly nonceCount: number;
  /** Fresh random text. */
  readonly clientNonce: string;
  readonly hash: DigestHash;
};

/** An `Authorization` header as a server reads it. */
export type Authorization =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | { readonly scheme: 'digest'; readonly fields: ReadonlyMap<string, string> };

/** What `toDigestResponse` hashes. @see RFC 7616 3.4.1 */
export type DigestResponseOptions = {
  readonly algorithm: DigestAlgorithm;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly url: string;
  readonly nonce: string;
  /** Empty without qop. */
  readonly qop: string;
  readonly nonceCount: string;
  readonly clientNonce: string;
  readonly hash: DigestHash;
};

const algorithms: readonly DigestAlgorithm[] = ['SHA-256', 'SHA-256-sess', 'MD5', 'MD5-sess'];

/**
 * All challenges that can be answered, in the order sent; several headers and several in one header are both understood.
 * Unknown schemes and algorithms are left out. No algorithm means MD5. @see RFC 7616 3.3
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  return values.flatMap(toSchemes).flatMap(({ scheme, fields }): Challenge[] => {
    const realm = fields.get('realm') ?? '';
    if (scheme === 'basic') return [{ scheme, realm }];
    const stated = fields.get('algorithm');
    const algorithm = algorithms.find((known) => known.toLowerCase() === (stated ?? 'MD5').toLowerCase());
    const nonce = fields.get('nonce');
    if (scheme !== 'digest' || !algorithm || nonce === undefined) return [];
    const qop = (fields.get('qop') ?? '').split(/[\s,]+/).filter((word) => word !== '');
    const stale = fields.get('stale')?.toLowerCase() === 'true';
    const opaque = fields.get('opaque');
    return [{ scheme, realm, nonce, opaque, algorithm, algorithmStated: stated !== undefined, qop, stale }];
  });
}

/** The strongest of several challenges: SHA-256 before MD5 before Basic. */
export function findStrongestChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  const rank = (challenge: Challenge): number =>
    challenge.scheme === 'basic' ? algorithms.length : algorithms.indexOf(challenge.algorithm);
  return challenges.toSorted((a, b) => rank(a) - rank(b))[0];
}

/** Value of an `Authorization` header that answers a Digest challenge. @see RFC 7616 3.4 */
export function writeDigestAuthorization(options: DigestAuthorizationOptions): string {
  const { challenge, username, url, clientNonce } = options;
  const qop =
    challenge.qop.length === 0
      ? ''
      : challenge.qop.includes('auth-int') && !challenge.qop.includes('auth')
        ? 'auth-int'
        : 'auth';
  const nonceCount = options.nonceCount.toString(16).padStart(8, '0');
  const response = toDigestResponse({ ...challenge, ...options, qop, nonceCount });
  const fields = [`username="${quote(username)}"`, `realm="${quote(challenge.realm)}"`];
  fields.push(`nonce="${quote(challenge.nonce)}"`, `uri="${quote(url)}"`, `response="${response}"`);
  if (challenge.algorithmStated) fields.push(`algorithm=${challenge.algorithm}`);
  if (challenge.opaque !== undefined) fields.push(`opaque="${quote(challenge.opaque)}"`);
  if (qop !== '') fields.push(`qop=${qop}`, `nc=${nonceCount}`);
  if (qop !== '' || challenge.algorithm.endsWith('-sess')) fields.push(`cnonce="${quote(clientNonce)}"`);
  return `Digest ${fields.join(', ')}`;
}

/** The `response` value both sides compute; `auth-int` for messages without a body. @see RFC 7616 3.4.1 */
export function toDigestResponse(options: DigestResponseOptions): string {
  const { username, realm, password, method, url, nonce, qop, nonceCount, clientNonce } = options;
  const algorithm = options.algorithm.startsWith('SHA-256') ? 'SHA-256' : 'MD5';
  const hash = (text: string): string => options.hash(algorithm, text);
  let secret = hash(`${username}:${realm}:${password}`);
  if (options.algorithm.endsWith('-sess')) secret = hash(`${secret}:${nonce}:${clientNonce}`);
  const request = hash(qop === 'auth-int' ? `${method}:${url}:${hash('')}` : `${method}:${url}`);
  if (qop === '') return hash(`${secret}:${nonce}:${request}`);
  return hash(`${secret}:${nonce}:${nonceCount}:${clientNonce}:${qop}:${request}`);
}

/** @see RFC 7617 2 */
export function writeBasicAuthorization(username: string, password: string): string {
  return `Basic ${writeBase64(writeUtf8(`${username}:${password}`))}`;
}

/** What a client sent in `Authorization`; undefined for anything that is neither Basic nor Digest. */
export function parseAuthorization(value: string): Authorization | undefined {
  const basic = /^\s*Basic\s+([A-Za-z0-9+/=]+)\s*$/i.exec(value);
  if (basic) {
    const text = parseUtf8(parseBase64(basic[1]!));
    const colon = text.indexOf(':');
    if (colon < 0) return undefined;
    return { scheme: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  const digest = toSchemes(value).find(({ scheme }) => scheme === 'digest');
  return digest && { scheme: 'digest', fields: digest.fields };
}

/** A token with `=` is a field, one without begins the next scheme. */
function toSchemes(value: string): { scheme: string; fields: Map<string, string> }[] {
  const schemes: { scheme: string; fields: Map<string, string> }[] = [];
  for (const match of value.matchAll(/([A-Za-z0-9_-]+)(?:\s*(=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*)))?/g)) {
    const [, name, equals, quoted, plain] = match;
    if (equals === undefined) schemes.push({ scheme: name!.toLowerCase(), fields: new Map() });
    else schemes.at(-1)?.fields.set(name!.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '');
  }
  return schemes;
}

function quote(text: string): string {
  return text.replaceAll(/["\\]/g, '\\$&');
}
