import { CameraError } from './camera-error.ts';

/** Where a camera is, without credentials. */
export type CameraAddress = {
  /** As it stands in requests: no credentials, no fragment. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** `host:port`, for words. */
  readonly where: string;
};

const defaultPort = { 'rtsp:': 554, 'rtsps:': 322 } as const;

/** Takes an `rtsp://` or `rtsps://` address apart. Credentials in it are dropped. Throws a `CameraError` in words. */
export function parseCameraAddress(text: string): CameraAddress {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new CameraError('bad-address', 'This is not an address.', 'Write it as rtsp://host:554/path.', cause);
  }
  if (url.protocol !== 'rtsp:' && url.protocol !== 'rtsps:')
    throw new CameraError(
      'bad-address',
      `Porchlight does not know ${url.protocol}//.`,
      'Write it as rtsp://host:554/path.',
    );
  if (url.hostname === '')
    throw new CameraError('bad-address', 'The address names no host.', 'Write it as rtsp://host:554/path.');
  const port = url.port === '' ? defaultPort[url.protocol] : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  url.username = '';
  url.password = '';
  url.hash = '';
  return { url: url.href, host, port, secure: url.protocol === 'rtsps:', where: `${url.hostname}:${port}` };
}

/** `host:port` of an `rtsps://` address; undefined for any other. */
export function toSecurePlace(url: string): string | undefined {
  try {
    const { secure, where } = parseCameraAddress(url);
    return secure ? where : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a name or address means this machine. A camera must not send the agent there. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/i.test(host);
}
