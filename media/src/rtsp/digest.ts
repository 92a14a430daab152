/** Hash of a UTF-8 text in lower-case hexadecimal; media has no crypto of its own. */
export type DigestHash = (algorithm: 'MD5' | 'SHA-256', text: string) => string;

/** One challenge of a `WWW-Authenticate` header. @see RFC 7616 3.3, RFC 7617 */
export type Challenge =
  | { readonly scheme: 'basic'; readonly realm: string }
  | {
      readonly scheme: 'digest';
      readonly realm: string;
      readonly nonce: string;
      readonly opaque: string | undefined;
      readonly algorithm: 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess';
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
