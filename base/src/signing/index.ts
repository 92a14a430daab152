/**
 * Signatures with the key of a certificate (ECDSA P-256). In: PEM, texts. Out: signatures, and whether one is right. Promises: a signature
 * that cannot be read is a wrong one, not an error.
 */
export { isSignedBy, openSigner, toCertificateDigest, type Signer } from './signer.ts';
