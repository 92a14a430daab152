import { HouseError } from '@porchlight/base/errors';
import type { SourceKind } from '@porchlight/contract/camera';

/** User name and password of a camera. In clear only between request and sealing. */
export type Credentials = { readonly username: string; readonly password: string };

/** An address without credentials, and the credentials that stood in it. */
export type SourceAddress = {
  readonly kind: SourceKind;
  readonly url: string;
  /** Host and port of an RTSP source: credentials never follow to another one. */
  readonly host?: string;
  readonly credentials?: Credentials;
};

const invalid = (message: string, fix: string): HouseError => new HouseError('invalid', message, { fix });
const defaultPorts = { rtsp: '554', rtsps: '322' } as const;
/** A password in the path or query, as XiongMai firmware wants it: `/user=admin_password=abc_channel=1.sdp`. */
const writtenPassword = /((?:password|passwd|pwd)=)([^&/?#]*?)(?=_(?:channel|stream|user)|[&/?#]|$)/i;

/**
 * Parses what a person types: rtsp(s) address, path of a video file, or `demo:…`. Credentials before the host, and a password written in path or
 * query, are taken out (the latter leaves `{password}`). Throws `HouseError('invalid')` with words and never with the address, which may hold
 * a password.
 */
export function parseSourceAddress(text: string): SourceAddress {
  const trimmed = text.trim();
  if (hasControl(trimmed)) throw invalid('The address has characters that no address has', 'Type it again.');
  if (/^demo:[a-z0-9-]+$/.test(trimmed)) return { kind: 'demo', url: trimmed };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'rtsp' || scheme === 'rtsps') return parseRtsp(scheme, trimmed.slice(scheme.length + 3));
  if (scheme === 'file') return { kind: 'file', url: parseFileUrl(trimmed) };
  if (scheme !== undefined) {
    throw invalid(`Porchlight does not speak ${scheme}`, 'Give an rtsp:// address or the path of a video file.');
  }
  if (trimmed.startsWith('/') || /^[a-z]:[\\/]/i.test(trimmed)) return { kind: 'file', url: trimmed };
  const fix = 'Give rtsp://host/path as the camera’s manual has it, or the whole path of an MP4 or MOV file.';
  throw invalid('This is neither an address nor a path', fix);
}

function hasControl(text: string): boolean {
  for (const letter of text) if (letter < ' ' || letter === '\u007f') return true;
  return false;
}

function parseFileUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || url.host !== '') {
    throw invalid('This file address names another machine', 'Give the whole path of a file on this machine.');
  }
  return decode(url.pathname);
}

function parseRtsp(scheme: 'rtsp' | 'rtsps', rest: string): SourceAddress {
  // People paste passwords with `#`, `?` or `@` in them: all up to the last `@` before the first `/` belongs to the credentials.
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const path = slash < 0 ? '' : rest.slice(slash);
  const { host, tail } = parseHost(scheme, authority.slice(at + 1));
  if (at < 0 && `${tail}${path}`.split('?')[0]!.includes('@')) {
    const fix = 'Give user name and password in their own fields, or write @ in the path as %40.';
    throw invalid('There is an @ after the first /: is it part of a password?', fix);
  }
  if (`${tail}${path}`.includes('#')) {
    throw invalid('An rtsp:// address has no #', 'Write # as %23, or give the password in its own field.');
  }
  const written = writtenPassword.exec(`${tail}${path}`);
  const clean = written ? `${tail}${path}`.replace(writtenPassword, '$1{password}') : `${tail}${path}`;
  const inFront = at < 0 ? undefined : parseUserInfo(authority.slice(0, at));
  const inside = written?.[2] ? { username: inFront?.username ?? '', password: decode(written[2]) } : undefined;
  const credentials = inFront ?? inside;
  const isPlain = written !== null && written[2] === '{password}';
  return {
    kind: 'rtsp',
    url: `${scheme}://${host}${clean === '' ? '/' : clean}`,
    host,
    ...(credentials && !isPlain ? { credentials } : {}),
  };
}

function parseHost(scheme: 'rtsp' | 'rtsps', text: string): { host: string; tail: string } {
  const match = /^(\[[0-9a-f:.]+\]|[^:/?#[\]\s]+)(?::(\d{1,5}))?(\?.*)?$/i.exec(text);
  const port = match?.[2] ?? defaultPorts[scheme];
  // The platform's parser has the last word on names, as `http` because it then knows hosts.
  const host = match ? URL.parse(`http://${match[1]}:${port}`)?.hostname : undefined;
  if (!match || host === undefined || host === '' || Number(port) < 1 || Number(port) > 65_535) {
    const fix =
      'Write rtsp://host/path or rtsp://host:554/path; if the password has a / in it, give it in its own field.';
    throw invalid('The address names no machine that could be called', fix);
  }
  return { host: port === defaultPorts[scheme] ? host : `${host}:${port}`, tail: match[3] ?? '' };
}

function parseUserInfo(text: string): Credentials {
  const colon = text.indexOf(':');
  return colon < 0
    ? { username: decode(text), password: '' }
    : { username: decode(text.slice(0, colon)), password: decode(text.slice(colon + 1)) };
}

/** Percent-decoded where that works; a `%` that starts nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
