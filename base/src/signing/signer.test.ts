import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTempFolder } from '../testing/index.ts';
import { isSignedBy, openSigner } from './index.ts';

/** A certificate that vouches for itself, by another program. */
function makePair(folder: string, curve: string): { privateKeyPem: string; certificatePem: string } {
  const [key, certificate] = [join(folder, `${curve}.key`), join(folder, `${curve}.pem`)];
  const wish = ['-newkey', 'ec', '-pkeyopt', `ec_paramgen_curve:${curve}`, '-nodes', '-subj', '/CN=test'];
  execFileSync('openssl', ['req', '-x509', ...wish, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
  return { privateKeyPem: readFileSync(key, 'utf8'), certificatePem: readFileSync(certificate, 'utf8') };
}

test('a signature stands for one text and one key, and rubbish is a wrong signature', () => {
  using folder = openTempFolder();
  const pair = makePair(folder.path, 'prime256v1');
  const signer = openSigner(pair);
  const certificate = new X509Certificate(pair.certificatePem);
  const signature = signer.sign('a text');
  assert.match(signature, /^[\w-]{86}$/);
  assert.ok(isSignedBy(certificate, 'a text', signature));
  assert.ok(!isSignedBy(certificate, 'a texT', signature));
  assert.ok(!isSignedBy(certificate, 'a text', `A${signature.slice(1)}`));
  for (const rubbish of ['', 'x', '!'.repeat(86)]) assert.ok(!isSignedBy(certificate, 'a text', rubbish));
  assert.equal(signer.key, certificate.fingerprint256.replaceAll(':', '').toLowerCase());
});

test('keys of another curve are refused', () => {
  using folder = openTempFolder();
  const pair = makePair(folder.path, 'secp384r1');
  assert.throws(() => openSigner(pair), /P-256/);
  assert.ok(!isSignedBy(new X509Certificate(pair.certificatePem), 'a text', 'A'.repeat(86)));
});
