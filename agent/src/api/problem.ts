import { toHouseError, toHttpStatus } from '@porchlight/base/errors';
import type { ApiError } from '@porchlight/contract/errors';

/** Anything thrown as an answer: `{kind,message,fix}` and its status. An unexpected error keeps its words to itself. */
export function toProblem(thrown: unknown): { readonly status: number; readonly body: ApiError } {
  const error = toHouseError(thrown);
  const { kind, fix } = error;
  const message = kind === 'internal' ? 'Something went wrong in the agent.' : error.message;
  return { status: toHttpStatus(kind), body: { kind, message, ...(fix === undefined ? {} : { fix }) } };
}
