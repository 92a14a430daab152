import { hashToken, makeToken } from '@porchlight/base/secrets';
import type { Identity } from '#identity';
import type { Store } from '#store';

/** Setting that holds the hash of the one-time set-up token. */
export const setupTokenSetting = 'setup-token-hash';

/** A new one-time set-up token, or undefined when there is an account. The one before stops working. */
export async function renewSetupToken(parts: {
  readonly store: Store;
  readonly identity: Identity;
}): Promise<string | undefined> {
  if (await parts.identity.hasOwner()) return undefined;
  const token = makeToken();
  await parts.store.putSetting(setupTokenSetting, hashToken(token));
  return token;
}
