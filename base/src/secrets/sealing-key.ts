import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { HouseError } from '#errors';
import { readSecretFile, writeSecretFile } from './secret-file.ts';

const version = 1;
const curve = 'prime256v1';
/** SubjectPublicKeyInfo of a P-256 key is always this long (RFC 5480). */
const spkiBytes = 91;
const tagBytes = 16;
const context = 'porchlight sealed v1';

/** A key pair that others seal to. The private half never leaves its file. */
export type SealingKey = {
  /** SPKI DER, base64url: give this to whoever seals. */
  readonly publicKey: string;
  /** Opens sealed text. Throws `HouseError('corrupt')` when it was sealed to another key or changed. */
  open(sealed: string): Uint8Array;
};

/** Opens the sealing key kept in a file (PKCS #8 PEM, mode 0600), making it on first use. */
export function openSealingKey(path: string): SealingKey {
  const pem = readSecretFile(path);
  const privateKey = pem === undefined ? makeKey(path) : createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64url'),
    open: (sealed) => openSealed(privateKey, publicKey, sealed),
  };
}

function makeKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: curve });
  writeSecretFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return privateKey;
}

/**
 * Seals bytes to a public key: an ephemeral P-256 key, ECDH, HKDF-SHA-256 over both public keys, AES-256-GCM.
 * Out: base64url of version, ephemeral SPKI, ciphertext, tag. Throws `HouseError('invalid')` for a key that is none.
 * @see NIST SP 800-56A 6.1.2.2, RFC 5869
 */
export function seal(publicKeySpki: string, bytes: Uint8Array): string {
  const receiver = parsePublicKey(Buffer.from(publicKeySpki, 'base64url'));
  const ephemeral = generateKeyPairSync('ec', { namedCurve: curve });
  const ephemeralSpki = ephemeral.publicKey.export({ type: 'spki', format: 'der' });
  const { key, nonce } = deriveKey(ephemeral.privateKey, receiver, { ephemeralSpki, receiver });
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([Buffer.of(version), ephemeralSpki, body, cipher.getAuthTag()]).toString('base64url');
}

function openSealed(privateKey: KeyObject, receiver: KeyObject, sealed: string): Uint8Array {
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    if (bytes[0] !== version || bytes.length < 1 + spkiBytes + tagBytes) throw new RangeError('not sealed text');
    const ephemeralSpki = bytes.subarray(1, 1 + spkiBytes);
    const ephemeral = parsePublicKey(ephemeralSpki);
    const { key, nonce } = deriveKey(privateKey, ephemeral, { ephemeralSpki, receiver });
    const decipher = createDecipheriv('aes-256-gcm', key, nonce);
    decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
    const body = bytes.subarray(1 + spkiBytes, bytes.length - tagBytes);
    return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
  } catch (cause) {
    throw new HouseError('corrupt', 'Sealed text does not open with this key', {
      cause,
      fix: 'Give the password again.',
    });
  }
}

function parsePublicKey(der: Buffer): KeyObject {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve === curve) return key;
  } catch (cause) {
    throw new HouseError('invalid', 'Expected a P-256 public key', { cause });
  }
  throw new HouseError('invalid', 'Expected a P-256 public key');
}

function deriveKey(
  privateKey: KeyObject,
  publicKey: KeyObject,
  bound: { ephemeralSpki: Buffer; receiver: KeyObject },
): { key: Buffer; nonce: Buffer } {
  const shared = diffieHellman({ privateKey, publicKey });
  const salt = Buffer.concat([bound.ephemeralSpki, bound.receiver.export({ type: 'spki', format: 'der' })]);
  const derived = Buffer.from(hkdfSync('sha256', shared, salt, context, 44));
  return { key: derived.subarray(0, 32), nonce: derived.subarray(32) };
}
