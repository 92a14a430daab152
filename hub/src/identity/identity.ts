import type { User } from '@porchlight/contract/user';

/** A signed-in person. `id` is what media leases end with. */
export type PersonSession = { readonly id: string; readonly user: User };

/** A session, and the `Set-Cookie` lines that carry it to the browser. */
export type SignedIn = { readonly session: PersonSession; readonly setCookie: readonly string[] };

export type NewPerson = { readonly email: string; readonly password: string; readonly name: string };

/** Accounts and sessions. Never sends mail, never opens a route of its own. */
export interface Identity {
  /** Whether the first account exists. */
  hasOwner(): Promise<boolean>;
  /** Makes the first account and signs in. Throws `HouseError('conflict')` when there is one. */
  createOwner(person: NewPerson, headers: Headers): Promise<SignedIn>;
  /** Undefined when account or password is wrong; takes the same time for either. */
  signIn(credentials: { email: string; password: string }, headers: Headers): Promise<SignedIn | undefined>;
  /** The session that the request's cookie names, with a renewed cookie when it is due. */
  findSession(headers: Headers): Promise<SignedIn | undefined>;
  /** Ends the session; gives the lines that take the cookie away. */
  signOut(headers: Headers): Promise<readonly string[]>;
}
