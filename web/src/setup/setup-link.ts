/** The one-time token out of the printed link: `?token=…`, `#token=…` or a bare `#…`. */
export function findSetupToken(search: string, hash: string): string {
  const fromSearch = new URLSearchParams(search).get('token');
  if (fromSearch !== null && fromSearch !== '') return fromSearch;
  const plain = hash.replace(/^#/, '');
  return new URLSearchParams(plain).get('token') ?? (plain.includes('=') ? '' : plain);
}

/** How hard a password is to guess, 0 (too short) to 4, by length and kinds of characters; a hint, not a rule. */
export function toPasswordStrength(password: string): number {
  if (password.length < 10) return 0;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const distinct = new Set(password).size;
  const bits = Math.min(password.length, distinct * 2) * Math.log2([0, 20, 40, 55, 75][kinds] ?? 20);
  return bits < 48 ? 1 : bits < 62 ? 2 : bits < 82 ? 3 : 4;
}
