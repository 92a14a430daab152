import type { Caller } from '#access';
import { Problem } from './problem.ts';

/** Session and user of a caller that policy let in. */
export function toPerson(caller: Caller): { userId: string; sessionId: string } {
  if (caller.kind === 'person' || caller.kind === 'machine-owner') {
    return { userId: caller.userId, sessionId: caller.sessionId };
  }
  throw new Problem('unauthenticated', 'Sign in first', { fix: 'Sign in.' });
}
