import { MediaError } from '#frame';
import { getHeader, type RtspHeaders } from './message.ts';

/** RFC 2326 12.37: what holds when the server says nothing. */
const defaultTimeoutMs = 60_000;

/** A `Session` header. */
export type Session = { readonly id: string; readonly timeoutMs: number };

/** Where one stream begins, from `RTP-Info`; what is missing or impossible (`rtptime=-1`) is undefined. @see RFC 2326 12.33 */
export type RtpInfo = {
  readonly url: string;
  readonly sequence: number | undefined;
  readonly rtpTimestamp: number | undefined;
};

/** @see RFC 2326 12.37 */
export function parseSession(text: string): Session {
  const [id = '', ...parameters] = text.split(';').map((part) => part.trim());
  if (id === '') throw new MediaError('malformed', 'Expected a session id');
  const timeout = parameters.map((part) => /^timeout\s*=\s*"?(\d{1,6})/i.exec(part)?.[1]).find((value) => value);
  return { id, timeoutMs: Number(timeout) > 0 ? Number(timeout) * 1000 : defaultTimeoutMs };
}

/** @see RFC 2326 12.33 */
export function parseRtpInfo(text: string): RtpInfo[] {
  return text
    .split(/,\s*(?=url\s*=)/i)
    .slice(0, 64)
    .map((entry) => ({
      url: /^\s*url\s*=\s*"?([^"]*?)"?\s*(?:;\s*(?:seq|rtptime|ssrc)\b.*)?$/is.exec(entry)?.[1] ?? '',
      sequence: toNumber(/;\s*seq\s*=\s*(\d{1,10})\s*(?:;|,|$)/i.exec(entry)?.[1], 0xffff),
      rtpTimestamp: toNumber(/;\s*rtptime\s*=\s*(\d{1,10})\s*(?:;|,|$)/i.exec(entry)?.[1], 0xffff_ffff),
    }));
}

function toNumber(text: string | undefined, max: number): number | undefined {
  return text === undefined || Number(text) > max ? undefined : Number(text);
}

/**
 * The URL that controls of a description are relative to. A `Content-Base` without scheme (Anjvision) is not believed;
 * one that is only a path is put behind the request's host.
 * @see RFC 2326 C.1.1
 */
export function toBaseUrl(requestUrl: string, headers: RtspHeaders): string {
  for (const name of ['content-base', 'content-location']) {
    const value = getHeader(headers, name)?.trim() ?? '';
    if (/^rtsps?:\/\/[^/\s]+/i.test(value)) return value;
    const authority = /^rtsps?:\/\/[^/?\s]+/i.exec(requestUrl)?.[0];
    if (value.startsWith('/') && authority) return authority + value;
  }
  return requestUrl;
}

/**
 * The URL of a section's `control`. Relative ones go to the end of the base, behind its query, which is how cameras read
 * them (Dahua, GW); `*` and nothing mean the base itself.
 * @see RFC 2326 C.1.1
 */
export function toControlUrl(baseUrl: string, control: string | undefined): string {
  const text = control?.trim() ?? '';
  if (text === '' || text === '*') return baseUrl;
  if (/^rtsps?:\/\//i.test(text)) return text;
  const authority = /^rtsps?:\/\/[^/?\s]+/i.exec(baseUrl)?.[0];
  if (text.startsWith('/') && authority) return authority + text;
  return baseUrl.endsWith('/') || text.startsWith('?') ? baseUrl + text : `${baseUrl}/${text}`;
}
