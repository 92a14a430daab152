import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { HouseError } from '#errors';
import { openTempFolder } from '#testing';
import { equalSecrets, hashToken, makeToken, openSealingKey, readSecretFile, seal, writeSecretFile } from './index.ts';

const corrupt = (error: unknown): boolean => error instanceof HouseError && error.kind === 'corrupt';

test('what is sealed to a key opens with it, also after the key was read from its file again', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'sealing.key');
  const key = openSealingKey(path);
  const again = openSealingKey(path);
  assert.equal(again.publicKey, key.publicKey);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const copy = bytes.slice();
      const sealed = seal(key.publicKey, bytes);
      assert.deepEqual(again.open(sealed), bytes);
      assert.deepEqual(bytes, copy);
    }),
    { numRuns: 30 },
  );
});

test('the same secret sealed twice looks different', () => {
  using folder = openTempFolder();
  const key = openSealingKey(join(folder.path, 'k'));
  assert.notEqual(seal(key.publicKey, Buffer.from('a')), seal(key.publicKey, Buffer.from('a')));
});

test('another key, a changed byte or any other text is refused as corrupt', () => {
  using folder = openTempFolder();
  const key = openSealingKey(join(folder.path, 'a'));
  const other = openSealingKey(join(folder.path, 'b'));
  const sealed = seal(key.publicKey, Buffer.from('secret'));
  assert.throws(() => other.open(sealed), corrupt);
  const bytes = Buffer.from(sealed, 'base64url');
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = Buffer.from(bytes);
    changed[at] = changed[at]! ^ 1;
    assert.throws(() => key.open(changed.toString('base64url')), corrupt, `byte ${at}`);
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (text) => assert.throws(() => key.open(text), corrupt)),
    { numRuns: 50 },
  );
});

test('sealing to what is not a P-256 public key is refused', () => {
  assert.throws(() => seal('bm9uZQ', Buffer.from('x')), HouseError);
});

test('a secret file is read back, replaced whole, and absent when it is not there', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'deep', 'file');
  assert.equal(readSecretFile(path), undefined);
  writeSecretFile(path, 'one');
  writeSecretFile(path, 'two');
  assert.equal(readSecretFile(path), 'two');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder.path, 'deep')).mode & 0o777, 0o700);
});

test('tokens are long, never the same, and compared whole', () => {
  const token = makeToken();
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.notEqual(token, makeToken());
  assert.ok(equalSecrets(token, token));
  assert.ok(!equalSecrets(token, `${token}x`));
  assert.match(hashToken(token), /^[0-9a-f]{64}$/);
});
