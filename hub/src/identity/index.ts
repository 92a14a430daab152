/** Who is it. In: credentials and cookies. Out: sessions. Promises: a port without a route of its own; the embedded accounts are in `local`. */
export type { Identity, NewPerson, PersonSession, SignedIn } from './identity.ts';
export { openMemoryIdentity } from './memory-identity.ts';
