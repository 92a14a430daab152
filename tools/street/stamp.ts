import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const tools = join(import.meta.dirname, '..');

/** Where the drawn films lie. */
export const assetFolder = join(tools, '../simulator/assets');

/** What `street.json` says: from which drawing the films were made, and the films' own hashes. */
export type Stamp = {
  readonly sourceSha256: string;
  readonly files: Readonly<Record<string, { readonly sizeBytes: number; readonly sha256: string }>>;
};

/** SHA-256 of bytes, hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** One hash over the drawing script and all its parts; line ends do not count. */
export function hashSource(): string {
  const parts = readdirSync(join(tools, 'street')).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  const paths = ['draw-street.ts', ...parts.sort().map((name) => `street/${name}`)];
  const text = paths.map((path) => `${path}\n${readFileSync(join(tools, path), 'utf8').replaceAll('\r\n', '\n')}`);
  return sha256(Buffer.from(text.join('\n')));
}
