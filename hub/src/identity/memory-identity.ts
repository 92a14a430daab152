import { HouseError } from '@porchlight/base/errors';
import { equalSecrets, hashToken, makeToken } from '@porchlight/base/secrets';
import { userIdSchema, type UserId } from '@porchlight/contract/ids';
import type { Identity, NewPerson, SignedIn } from './identity.ts';

const cookieName = 'porchlight.session';
type Person = { readonly id: UserId; readonly email: string; readonly name: string; readonly passwordHash: string };

/** Accounts that live as long as the process: for tests, and for the suite that runs on Lambda. Not for keeping real passwords. */
export function openMemoryIdentity(): Identity {
  const sessions = new Map<string, string>();
  let owner: Person | undefined;

  const open = (person: Person): SignedIn => {
    const token = makeToken();
    const id = hashToken(token).slice(0, 32);
    sessions.set(token, id);
    return { session: toSession(id, person), setCookie: [`${cookieName}=${token}; Path=/; HttpOnly; SameSite=Strict`] };
  };
  return {
    hasOwner: async () => owner !== undefined,
    async createOwner(person: NewPerson) {
      if (owner) throw new HouseError('conflict', 'There is an account already', { fix: 'Sign in.' });
      owner = {
        id: userIdSchema.parse(makeToken().slice(0, 20)),
        email: person.email.toLowerCase(),
        name: person.name,
        passwordHash: hashToken(person.password),
      };
      return open(owner);
    },
    async signIn({ email, password }) {
      const right = equalSecrets(owner?.passwordHash ?? '', hashToken(password));
      return owner && right && owner.email === email.toLowerCase() ? open(owner) : undefined;
    },
    async findSession(headers) {
      const id = sessions.get(tokenOf(headers) ?? '');
      return owner && id !== undefined ? { session: toSession(id, owner), setCookie: [] } : undefined;
    },
    async signOut(headers) {
      sessions.delete(tokenOf(headers) ?? '');
      return [`${cookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`];
    },
  };
}

function toSession(id: string, person: Person): SignedIn['session'] {
  return { id, user: { id: person.id, email: person.email, name: person.name, role: 'owner' } };
}

function tokenOf(headers: Headers): string | undefined {
  return new RegExp(`(?:^|;\\s*)${cookieName}=([^;]+)`).exec(headers.get('cookie') ?? '')?.[1];
}
