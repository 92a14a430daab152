/** What JSON can say, read only. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue | undefined };

/**
 * The one text of a value: names sorted by UTF-16 code units, no white space, integers only. That is RFC 8785 for values without
 * fractions; whoever signs or hashes and whoever checks come to the same bytes. Names with `undefined` are left out.
 * Throws `TypeError` for a number that is no safe integer.
 */
export function toCanonicalText(value: JsonValue): string {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new TypeError(`Expected whole numbers in what is signed, got ${value}`);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(toCanonicalText).join(',')}]`;
  const parts: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const item = value[name];
    if (item !== undefined) parts.push(`${JSON.stringify(name)}:${toCanonicalText(item)}`);
  }
  return `{${parts.join(',')}}`;
}

function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
