/** What stands in place of a secret. */
export const redacted = '[redacted]';

/** Names of fields that hold secrets, whatever their value. */
const secretName =
  /pass(word|wd|phrase)?$|^pwd$|authorization|cookie|token|secret|credential|private_?key|api_?key|^ticket$|session_?id|^sid$/i;

/** Deep structures are cut here; nobody reads them in a log. */
const mostDepth = 6;
const mostEntries = 100;
const longestText = 8000;

/** Texts with secrets in them, each with what is left. In order: wide patterns first. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  // Up to the last @ before the first slash: passwords may hold one, and people do not write %40.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s"'<>]*@/gi, `$1${redacted}@`],
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*["']?)[^\r\n"']+("[^\r\n]*)?/gi, `$1${redacted}`],
  [/\b(set-cookie|cookie)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi, `$1$2${redacted}`],
  [/\b(Bearer|Basic|Digest)\s+(?=[^\s]*[\d=+/._-]|username)[^\r\n]+/g, `$1 ${redacted}`],
  [/\beyJ[^\s"'<>]{8,}/g, redacted],
  [
    /(["']?\b[\w-]*(?:password|passwd|passphrase|pwd|secret|token|credentials?|api_?key)["']?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s&,;}\])"']+)/gi,
    `$1${redacted}`,
  ],
];

/** A text without the secrets in it: credentials in addresses, authorization, cookies, tokens, passwords, private keys. */
export function redactText(text: string): string {
  let clean = text.length > longestText ? `${text.slice(0, longestText)}…` : text;
  for (const [pattern, left] of patterns) clean = clean.replace(pattern, left);
  return clean;
}

/**
 * A value as it may stand in a log: texts without secrets, fields with telling names masked, errors as message, kind and stack with their causes,
 * bytes as their number. The value itself is not changed; circles and depths are cut.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? '[function]' : value;
  if (depth >= mostDepth) return '[…]';
  if (value instanceof Error) return redactError(value, depth);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof URL) return redactText(value.href);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no date' : value.toISOString();
  if (Array.isArray(value)) return value.slice(0, mostEntries).map((one) => redact(one, depth + 1));
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.slice(0, mostEntries).map(([name, one]) => redactEntry(toName(name), one, depth)));
}

/** Keys of a map may be anything, also what refuses to be a text. */
const toName = (key: unknown): string =>
  typeof key === 'object' && key !== null ? '[object]' : typeof key === 'string' ? key : String(key);

function redactEntry(name: string, value: unknown, depth: number): [string, unknown] {
  const empty = value === undefined || value === null || typeof value === 'boolean';
  return [redactText(name), secretName.test(name) && !empty ? redacted : redact(value, depth + 1)];
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, kind } = error as { code?: unknown; kind?: unknown };
  return {
    message: redactText(error.message),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
