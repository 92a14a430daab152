import { DatabaseSync } from 'node:sqlite';
import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { HouseError } from '@porchlight/base/errors';
import type { Log } from '@porchlight/base/log';
import { userIdSchema } from '@porchlight/contract/ids';
import type { Identity, SignedIn } from '#identity';

type AccountOptions = {
  /** SQLite file of accounts and sessions. */
  readonly path: string;
  /** Signs session cookies; at least 32 random bytes. */
  readonly secret: string;
  /** Whether cookies may travel over TLS only. */
  readonly secure: boolean;
  readonly log: Log;
};

const weekSeconds = 7 * 24 * 3600;

function toAuthOptions(options: AccountOptions, database: DatabaseSync) {
  return {
    database,
    secret: options.secret,
    baseURL: options.secure ? 'https://localhost' : 'http://localhost',
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
    session: { expiresIn: 4 * weekSeconds, updateAge: 24 * 3600 },
    // Our own limiter counts before this is reached; its handler, which would count, is never mounted.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: {
      cookiePrefix: 'porchlight',
      useSecureCookies: options.secure,
      defaultCookieAttributes: { sameSite: 'strict', httpOnly: true },
    },
    logger: { log: (level, message) => level === 'error' && options.log.error('accounts', { what: message }) },
  } as const satisfies BetterAuthOptions;
}

/**
 * Accounts of one box: better-auth on SQLite, by its server API only. Passwords are hashed by it (scrypt). Its HTTP handler is never mounted and
 * sign-up is off, so the only account is the one made at set-up.
 */
export async function openAccountIdentity(options: AccountOptions): Promise<Identity & { close(): void }> {
  const database = new DatabaseSync(options.path);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 2000');
  const auth = betterAuth(toAuthOptions(options, database));
  await (await getMigrations(auth.options)).runMigrations();

  const open = async (found: { email: string; password: string }, headers: Headers): Promise<SignedIn | undefined> => {
    try {
      const body = { email: found.email, password: found.password };
      const signedIn = await auth.api.signInEmail({ body, headers: trim(headers), returnHeaders: true });
      const setCookie = signedIn.headers.getSetCookie();
      const session = await auth.api.getSession({ headers: new Headers({ cookie: toCookie(setCookie) }) });
      return session ? { session: toSession(session), setCookie } : undefined;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
  const hasOwner = async (): Promise<boolean> => {
    return Number(database.prepare('SELECT count(*) AS people FROM user').get()?.['people']) > 0;
  };
  return {
    hasOwner,
    async createOwner(person, headers) {
      if (await hasOwner()) throw new HouseError('conflict', 'There is an account already', { fix: 'Sign in.' });
      const { internalAdapter, password } = await auth.$context;
      const hash = await password.hash(person.password);
      const email = person.email.toLowerCase();
      const user = await internalAdapter.createUser({ email, name: person.name, emailVerified: false });
      const account = { userId: user.id, providerId: 'credential', accountId: user.id, password: hash };
      await internalAdapter.linkAccount(account);
      const signedIn = await open(person, headers);
      if (!signedIn) throw new HouseError('internal', 'The new account could not sign in');
      return signedIn;
    },
    signIn: open,
    async findSession(headers) {
      if (!headers.has('cookie')) return undefined;
      const found = await auth.api.getSession({ headers: trim(headers), returnHeaders: true });
      return found.response
        ? { session: toSession(found.response), setCookie: found.headers.getSetCookie() }
        : undefined;
    },
    async signOut(headers) {
      const { headers: answer } = await auth.api.signOut({ headers: trim(headers), returnHeaders: true });
      return answer.getSetCookie();
    },
    close: () => database.close(),
  };
}

type Found = { session: { id: string }; user: { id: string; email: string; name: string } };

function toSession({ session, user }: Found): SignedIn['session'] {
  return {
    id: session.id,
    user: { id: userIdSchema.parse(user.id), email: user.email, name: user.name, role: 'owner' },
  };
}

/** Only what accounts need to see of a request. */
function trim(headers: Headers): Headers {
  const kept = new Headers();
  for (const name of ['cookie', 'user-agent']) {
    const value = headers.get(name);
    if (value !== null) kept.set(name, value.slice(0, 4096));
  }
  return kept;
}

function toCookie(setCookie: readonly string[]): string {
  return setCookie.map((line) => line.split(';')[0]).join('; ');
}

/** Wrong account or password, as better-auth's API says it. */
function isRefusal(error: unknown): boolean {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return status === 401 || status === 400;
}
