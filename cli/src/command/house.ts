import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { UsageError } from '#start';
import { apiErrorSchema } from '@porchlight/contract/errors';

/** A running house on this machine, reached with the token that only the owner of its data folder can read. */
export type House = {
  readonly url: string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
};

/**
 * Finds the running house of a data folder. A house that listens beyond loopback vouches for itself with the certificate in its folder: it is
 * trusted from now on by this process, beside what the machine trusts. Throws `UsageError` when none runs there.
 */
export function openHouse(dataFolder: string | undefined): House {
  const folder = resolve(dataFolder ?? process.env['PORCHLIGHT_DATA'] ?? 'data');
  let url: string;
  let token: string;
  try {
    url = (JSON.parse(readFileSync(join(folder, 'ready.json'), 'utf8')) as { url: string }).url;
    token = readFileSync(join(folder, 'local.token'), 'utf8').trim();
    if (url.startsWith('https:')) trust(readFileSync(join(folder, 'hub', 'tls.pem'), 'utf8'));
  } catch {
    throw new UsageError(`Porchlight is not running with ${folder}: start it with npm start, or name its --data DIR.`);
  }
  return {
    url,
    async fetch(path, init = {}) {
      const headers = new Headers(init.headers);
      headers.set('authorization', `Bearer ${token}`);
      const response = await fetch(new URL(path, url), { ...init, headers }).catch((cause: unknown) => {
        throw new Error(`No answer from ${url}: is it still running?`, { cause });
      });
      if (!response.ok) throw new Error(await wordsOf(response));
      return response;
    },
  };
}

function trust(certificatePem: string): void {
  setDefaultCACertificates([...getCACertificates('default'), certificatePem]);
}

async function wordsOf(response: Response): Promise<string> {
  const parsed = apiErrorSchema.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) return `The house answered ${response.status}.`;
  return parsed.data.fix === undefined ? parsed.data.message : `${parsed.data.message} ${parsed.data.fix}`;
}
