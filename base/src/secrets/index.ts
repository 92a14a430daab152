/**
 * Secrets on disk and on the wire. In: bytes and public keys. Out: sealed text, tokens, files only their owner can read.
 * Promises: what is sealed to a key opens with that key alone; comparisons take the same time whatever differs.
 */
export { openSealingKey, seal, type SealingKey } from './sealing-key.ts';
export { readSecretFile, writeSecretFile } from './secret-file.ts';
export { equalSecrets, hashToken, makeToken } from './token.ts';
