import { HouseError, toHouseError, toHttpStatus, type ErrorKind } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import type { ApiError } from '@porchlight/contract/errors';

type ProblemOptions = {
  readonly fix?: string;
  readonly reason?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly connect?: ApiError['connect'];
};

/** Trouble that the API answers with more than its kind says: a status of its own, a stable reason, headers. */
export class Problem extends HouseError {
  readonly options: ProblemOptions;

  constructor(kind: ErrorKind, message: string, options: ProblemOptions = {}) {
    super(kind, message, options.fix === undefined ? {} : { fix: options.fix });
    this.options = options;
  }
}

/** Any thrown value as an answer `{kind,message,fix}`. What is our fault is logged, and told without its inside. */
export function toErrorResponse(thrown: unknown, log: Log): Response {
  const error = toHouseError(thrown);
  const options = error instanceof Problem ? error.options : {};
  const isOurs = error.kind === 'internal' || error.kind === 'corrupt';
  if (isOurs) log.error('request failed', { error: error.cause ?? error });
  const body: ApiError = isOurs
    ? { kind: error.kind, message: 'Something went wrong inside the hub', fix: 'Try again; the hub’s log says more.' }
    : {
        kind: error.kind,
        message: error.message,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        ...(options.connect === undefined ? {} : { connect: options.connect }),
      };
  return Response.json(body, { status: options.status ?? toHttpStatus(error.kind), headers: options.headers ?? {} });
}
