import { createHash, createPrivateKey, sign, verify, X509Certificate } from 'node:crypto';

/** Signs with the key of a certificate. */
export type Signer = {
  /** SHA-256 of the certificate's DER, hexadecimal: names the key wherever a signature stands. */
  readonly key: string;
  readonly certificatePem: string;
  /** ECDSA P-256 over SHA-256 (FIPS 186-5 6), r and s one behind the other (IEEE P1363), base64url. */
  sign(text: string): string;
};

const curve = 'prime256v1';

/** Opens the signer of a P-256 key and its certificate, both PEM. Throws `TypeError` for another curve. */
export function openSigner(of: { readonly privateKeyPem: string; readonly certificatePem: string }): Signer {
  const privateKey = createPrivateKey(of.privateKeyPem);
  if (privateKey.asymmetricKeyDetails?.namedCurve !== curve) throw new TypeError('Expected a key on P-256');
  const { certificatePem } = of;
  return {
    key: toCertificateDigest(certificatePem),
    certificatePem,
    sign: (text) =>
      sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  };
}

/** True when the certificate's key made this signature over this text. */
export function isSignedBy(certificate: X509Certificate, text: string, signature: string): boolean {
  const { publicKey } = certificate;
  if (publicKey.asymmetricKeyDetails?.namedCurve !== curve) return false;
  const bytes = Buffer.from(signature, 'base64url');
  return verify('sha256', Buffer.from(text), { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes);
}

/** SHA-256 of a certificate's DER, hexadecimal. Throws for what is none. */
export function toCertificateDigest(certificatePem: string): string {
  return createHash('sha256').update(new X509Certificate(certificatePem).raw).digest('hex');
}
