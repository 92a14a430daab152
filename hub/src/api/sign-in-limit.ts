import type { Clock } from '@porchlight/base/clock';
import { hashToken } from '@porchlight/base/secrets';
import type { Store } from '#store';
import { Problem } from './problem.ts';

const windowMs = 10 * 60_000;
const mostPerAddress = 30;
const mostPerAccount = 15;

/** Counts attempts to sign in, per address and per account; the count is made before the password is looked at. */
export async function countSignIn(
  parts: { readonly store: Store; readonly clock: Clock },
  attempt: { readonly address: string; readonly account: string },
): Promise<void> {
  const nowMs = parts.clock.nowMs();
  const keys = keysOf(attempt);
  const byAddress = await parts.store.countAttempt(keys.address, windowMs, nowMs);
  const byAccount = await parts.store.countAttempt(keys.account, windowMs, nowMs);
  const over = [
    ...(byAddress.count > mostPerAddress ? [byAddress.untilMs] : []),
    ...(byAccount.count > mostPerAccount ? [byAccount.untilMs] : []),
  ];
  if (over.length === 0) return;
  const waitSeconds = Math.max(1, Math.ceil((Math.max(...over) - nowMs) / 1000));
  throw new Problem('unavailable', 'Too many attempts to sign in', {
    status: 429,
    reason: 'too-many-attempts',
    fix: `Wait ${Math.ceil(waitSeconds / 60)} minutes and try again.`,
    headers: { 'retry-after': String(waitSeconds) },
  });
}

/** After a success the account starts over; the address keeps its count, so that one success does not buy more guesses. */
export async function forgetSignIns(store: Store, attempt: { readonly account: string }): Promise<void> {
  await store.forgetAttempts(keysOf({ address: '', ...attempt }).account);
}

function keysOf(attempt: { address: string; account: string }): { address: string; account: string } {
  return {
    address: `sign-in address ${attempt.address}`,
    account: `sign-in account ${hashToken(attempt.account.toLowerCase())}`,
  };
}
