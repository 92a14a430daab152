import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findSetupToken, toPasswordStrength } from './setup-link.ts';

test('the token is read from the query, from the fragment, and from a bare fragment', () => {
  assert.equal(findSetupToken('?token=abc', ''), 'abc');
  assert.equal(findSetupToken('', '#token=abc'), 'abc');
  assert.equal(findSetupToken('', '#abc'), 'abc');
  assert.equal(findSetupToken('?token=', '#token=abc'), 'abc');
});

test('a link without a token gives none', () => {
  assert.equal(findSetupToken('', ''), '');
  assert.equal(findSetupToken('?other=1', '#other=1'), '');
});

test('a password under ten characters is too short and repetition does not make it strong', () => {
  assert.equal(toPasswordStrength('Ab1!Ab1!x'), 0);
  assert.equal(toPasswordStrength('aaaaaaaaaaaaaaaaaaaa'), 1);
  assert.ok(toPasswordStrength('correct horse battery staple') >= 3);
  assert.equal(toPasswordStrength('k7#Qm!x2Rz@9vL'), 4);
});
