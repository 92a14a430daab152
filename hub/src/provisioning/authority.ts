import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;
const yearMs = 365 * dayMs;
x509.cryptoProvider.set(webcrypto);

/** A key and its certificate, PEM. */
export type KeyAndCertificate = { readonly privateKeyPem: string; readonly certificatePem: string };
export type IssuedCertificate = { readonly certificatePem: string; readonly fingerprint: string };

/** The hub's own certificate authority (EC P-256). What it signs is trusted by this hub's broker and agents and by nobody else. */
export type Authority = {
  readonly certificatePem: string;
  /** For the broker: good for these host names and addresses. */
  issueServer(names: readonly string[]): Promise<KeyAndCertificate>;
  /** For a claim: a key and a certificate that end at `expiresMs`. */
  issueClaim(expiresMs: number): Promise<KeyAndCertificate & { fingerprint: string }>;
  /** For the hub as a witness: signs receipts and can do nothing else. */
  issueWitness(): Promise<KeyAndCertificate>;
  /** For an agent, from its request; the key stays there. Throws `HouseError('invalid')` for a request that is none. */
  issueAgent(requestPem: string): Promise<IssuedCertificate>;
};

/** Makes the authority's key and certificate, good for 20 years. */
export async function makeAuthority(clock: Clock): Promise<KeyAndCertificate> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(),
    name: 'CN=Porchlight hub',
    notBefore: new Date(clock.nowMs() - dayMs),
    notAfter: new Date(clock.nowMs() + 20 * yearMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { privateKeyPem: await toPem(keys.privateKey), certificatePem: certificate.toString('pem') };
}

/** Opens the authority over what `makeAuthority` made. */
export async function openAuthority(kept: KeyAndCertificate, clock: Clock): Promise<Authority> {
  const own = new x509.X509Certificate(kept.certificatePem);
  const der = x509.PemConverter.decodeFirst(kept.privateKeyPem);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);

  const issue = async (wish: Wish): Promise<IssuedCertificate> => {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: makeSerial(),
      subject: `CN=${wish.name}`,
      issuer: own.subject,
      notBefore: new Date(clock.nowMs() - dayMs),
      notAfter: new Date(wish.expiresMs),
      signingAlgorithm: algorithm,
      publicKey: wish.publicKey,
      signingKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[wish.usage]]),
        await x509.AuthorityKeyIdentifierExtension.create(own),
        ...(wish.names ? [new x509.SubjectAlternativeNameExtension(wish.names.map(toGeneralName))] : []),
      ],
    });
    return { certificatePem: certificate.toString('pem'), fingerprint: toFingerprint(certificate.rawData) };
  };
  return {
    certificatePem: kept.certificatePem,
    async issueServer(names) {
      const keys = await makeKeys();
      const expiresMs = clock.nowMs() + 10 * yearMs;
      const wish = {
        name: 'Porchlight broker',
        publicKey: keys.publicKey,
        expiresMs,
        usage: 'serverAuth',
        names,
      } as const;
      const { certificatePem } = await issue(wish);
      return { privateKeyPem: await toPem(keys.privateKey), certificatePem };
    },
    async issueClaim(expiresMs) {
      const keys = await makeKeys();
      const wish = { name: 'Porchlight claim', publicKey: keys.publicKey, expiresMs, usage: 'clientAuth' } as const;
      return { privateKeyPem: await toPem(keys.privateKey), ...(await issue(wish)) };
    },
    async issueWitness() {
      const keys = await makeKeys();
      const expiresMs = clock.nowMs() + 20 * yearMs - dayMs;
      const wish = { name: 'Porchlight witness', publicKey: keys.publicKey, expiresMs, usage: 'timeStamping' } as const;
      const { certificatePem } = await issue(wish);
      return { privateKeyPem: await toPem(keys.privateKey), certificatePem };
    },
    async issueAgent(requestPem) {
      const publicKey = await parseRequest(requestPem);
      const expiresMs = clock.nowMs() + 10 * yearMs;
      return issue({ name: 'Porchlight agent', publicKey, expiresMs, usage: 'clientAuth' });
    },
  };
}

/** A certificate that vouches for itself, for the page over TLS: 800 days, as browsers accept no longer ones. */
export async function makeSelfSigned(names: readonly string[], clock: Clock): Promise<KeyAndCertificate> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: makeSerial(),
    name: 'CN=Porchlight',
    notBefore: new Date(clock.nowMs() - dayMs),
    notAfter: new Date(clock.nowMs() + 800 * dayMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(toGeneralName)),
    ],
  });
  return { privateKeyPem: await toPem(keys.privateKey), certificatePem: certificate.toString('pem') };
}

/** SHA-256 of a certificate's DER, hexadecimal. */
export function toFingerprint(der: ArrayBuffer | Uint8Array): string {
  return createHash('sha256').update(new Uint8Array(der)).digest('hex');
}

type Wish = {
  readonly name: string;
  readonly publicKey: x509.PublicKey | webcrypto.CryptoKey;
  readonly expiresMs: number;
  readonly usage: 'serverAuth' | 'clientAuth' | 'timeStamping';
  readonly names?: readonly string[];
};

/** @see RFC 2986; the key must be P-256 and the request signed with it. */
async function parseRequest(pem: string): Promise<x509.PublicKey> {
  const refuse = (cause?: unknown): HouseError =>
    new HouseError('invalid', 'Expected a signing request with a P-256 key', { cause });
  let request: x509.Pkcs10CertificateRequest;
  try {
    request = new x509.Pkcs10CertificateRequest(pem);
    if (!(await request.verify())) throw refuse();
  } catch (cause) {
    throw refuse(cause);
  }
  const { name, namedCurve } = request.publicKey.algorithm as { name: string; namedCurve?: string };
  if (name !== 'ECDSA' || namedCurve !== 'P-256') throw refuse();
  return request.publicKey;
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 127 random bits, positive (RFC 5280 4.1.2.2). */
function makeSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return bytes.toString('hex');
}

function toGeneralName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}
