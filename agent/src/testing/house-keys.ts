import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSigner, type Signer } from '@porchlight/base/signing';

/** Keys and certificates of a house as its hub makes them, by another program. */
export type HouseKeys = { readonly housePem: string; readonly agent: Pair; readonly witness: Pair };
export type Pair = { readonly privateKeyPem: string; readonly certificatePem: string; readonly signer: Signer };

export function makeHouseKeys(): HouseKeys {
  const folder = mkdtempSync(join(tmpdir(), 'porchlight-keys-'));
  try {
    const at = (name: string): string => join(folder, name);
    const run = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'ignore' });
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    run(
      'req',
      '-x509',
      ...key,
      '-days',
      '3650',
      '-subj',
      '/CN=Porchlight hub',
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
    );
    const issue = (name: string): Pair => {
      run('req', ...key, '-subj', `/CN=Porchlight ${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
      writeFileSync(at('ext'), 'basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n');
      const by = [
        '-CA',
        at('ca.pem'),
        '-CAkey',
        at('ca.key'),
        '-CAcreateserial',
        '-extfile',
        at('ext'),
        '-days',
        '3650',
      ];
      run('x509', '-req', '-in', at(`${name}.csr`), ...by, '-out', at(`${name}.pem`));
      const pair = {
        privateKeyPem: readFileSync(at(`${name}.key`), 'utf8'),
        certificatePem: readFileSync(at(`${name}.pem`), 'utf8'),
      };
      return { ...pair, signer: openSigner(pair) };
    };
    return { housePem: readFileSync(at('ca.pem'), 'utf8'), agent: issue('agent'), witness: issue('witness') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
