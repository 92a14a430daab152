/** What went wrong, seen from the caller: decides the HTTP status and whether trying again can help. */
export type ErrorKind =
  'invalid' | 'unauthenticated' | 'forbidden' | 'not-found' | 'conflict' | 'unavailable' | 'corrupt' | 'internal';

const httpStatusOf: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  unavailable: 503,
  corrupt: 500,
  internal: 500,
};

/**
 * A broken promise inside the house. `message` says what happened, `fix` what the reader can do about it;
 * neither ever holds a secret. Wrap once per wall, with `cause`.
 */
export class HouseError extends Error {
  override readonly name = 'HouseError';
  readonly kind: ErrorKind;
  readonly fix: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { fix?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.fix = options.fix;
  }
}

/** Any thrown value as a `HouseError`; unknown ones become `internal` and keep their cause. */
export function toHouseError(error: unknown): HouseError {
  if (error instanceof HouseError) return error;
  return new HouseError('internal', error instanceof Error ? error.message : String(error), { cause: error });
}

/** HTTP status for an error kind. */
export function toHttpStatus(kind: ErrorKind): number {
  return httpStatusOf[kind];
}
