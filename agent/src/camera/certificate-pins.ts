import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The certificates that cameras signed themselves, by `host:port`: the first one seen is the one from then on. */
export type CertificatePins = {
  /** Whether this is the one; the first of a place is taken. `fingerprint` is the SHA-256 of the certificate. */
  accept(where: string, fingerprint: string): boolean;
  /** The next one is taken again. */
  forget(where: string): void;
};

/** Keeps a small file for each place in a folder, made when it is needed. Threads may share the folder. */
export function openCertificatePins(folder: string): CertificatePins {
  const pathOf = (where: string): string => {
    const name = createHash('sha256').update(where).digest('hex').slice(0, 32);
    return join(folder, `${name}.sha256`);
  };
  const find = (where: string): string | undefined => {
    try {
      return readFileSync(pathOf(where), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
  return {
    accept(where, fingerprint) {
      const known = find(where);
      if (known) return known === fingerprint;
      mkdirSync(folder, { recursive: true });
      const unfinished = `${pathOf(where)}.${process.pid}`;
      writeFileSync(unfinished, `${fingerprint}\n`);
      renameSync(unfinished, pathOf(where));
      return true;
    },
    forget: (where) => rmSync(pathOf(where), { force: true }),
  };
}
