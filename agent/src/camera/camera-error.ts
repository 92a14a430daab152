import type { SourceState } from './camera-events.ts';

/** Stable words for what keeps a camera from sending. */
export type TroubleReason =
  | 'bad-address'
  | 'unknown-host'
  | 'unreachable'
  | 'timeout'
  | 'unauthorized'
  | 'not-found'
  | 'busy'
  | 'transport-refused'
  | 'unsupported-codec'
  | 'protocol'
  | 'certificate-changed'
  | 'stalled'
  | 'closed';

/** Waiting may help with these; the others need a person. */
const passing: ReadonlySet<TroubleReason> = new Set([
  'unreachable',
  'timeout',
  'busy',
  'protocol',
  'stalled',
  'closed',
  'unknown-host',
]);

/** Why a connection to a camera ended or never began, in words for people; never holds a secret. */
export class CameraError extends Error {
  override readonly name = 'CameraError';
  readonly reason: TroubleReason;
  readonly fix: string;

  constructor(reason: TroubleReason, message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.fix = fix;
  }
}

/** The same as a state that a stream and the API can show. */
export function toSourceState({ reason, message, fix }: CameraError): SourceState {
  return { status: passing.has(reason) ? 'offline' : 'error', reason, message, fix };
}

/** A socket's error in words. `where` is `host:port`. */
export function toConnectError(error: unknown, where: string): CameraError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  switch (code) {
    case 'ECONNREFUSED':
      return new CameraError(
        'unreachable',
        `Nothing answers at ${where}.`,
        'Check that the camera is switched on, that RTSP is enabled in it, and that the port is right (usually 554).',
        error,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CameraError(
        'unknown-host',
        `The name in ${where} is not known in this network.`,
        "Check the spelling, or use the camera's IP address.",
        error,
      );
    case 'ECONNRESET':
    case 'EPIPE':
      return new CameraError(
        'closed',
        `The camera at ${where} broke the connection.`,
        'It may be restarting, or have too many viewers; Porchlight tries again by itself.',
        error,
      );
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
      return new CameraError(
        'protocol',
        `The camera at ${where} does not speak TLS.`,
        'Use rtsp:// instead of rtsps://, or its secure port.',
        error,
      );
    default:
      return new CameraError(
        'unreachable',
        `The camera at ${where} cannot be reached${code ? ` (${code})` : ''}.`,
        'Check its power, its network cable or Wi-Fi, and its address.',
        error,
      );
  }
}

/** Another certificate than the one of before. `where` is `host:port`. */
export function toCertificateError(where: string): CameraError {
  return new CameraError(
    'certificate-changed',
    `The camera at ${where} shows another TLS certificate than before.`,
    'If it was replaced or reset, pause it here and start it again: the new certificate is taken then. Otherwise somebody may stand between.',
  );
}

/** A refusal in words. */
export function toStatusError(status: number, method: string, hasCredentials: boolean): CameraError {
  switch (status) {
    case 401:
    case 403:
      return hasCredentials
        ? new CameraError(
            'unauthorized',
            'The camera refused the user name or password.',
            "Check both in the camera's own page; some cameras need a separate RTSP or ONVIF user, and lock out after many tries.",
          )
        : new CameraError(
            'unauthorized',
            'The camera asks for a user name and password.',
            'Give those of a user of the camera.',
          );
    case 404:
    case 410:
      return new CameraError(
        'not-found',
        'The camera has no stream at this address.',
        "Check the path behind the host name in the camera's manual.",
      );
    case 453:
    case 503:
      return new CameraError(
        'busy',
        'The camera has no room for another viewer.',
        'Close other programs that watch it, or restart it.',
      );
    case 461:
      return new CameraError(
        'transport-refused',
        'The camera refuses this way of sending video.',
        'Set the transport to automatic.',
      );
    default:
      return new CameraError(
        'protocol',
        `The camera answered ${method} with ${status}.`,
        'Restart the camera; if it stays, its address or firmware may be at fault.',
      );
  }
}
