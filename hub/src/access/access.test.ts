import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Access } from '@porchlight/contract/endpoints';
import { decide, type Caller } from './index.ts';

const all: Access[] = ['open', 'session', 'metrics', 'live', 'replay', 'export', 'talk', 'ptz'];
const allowed = (caller: Caller): Access[] => all.filter((access) => decide(caller, { access }) === 'allow');

test('nobody gets what is open, and is told to sign in for the rest', () => {
  assert.deepEqual(allowed({ kind: 'nobody' }), ['open']);
  assert.equal(decide({ kind: 'nobody' }, { access: 'live' }), 'unauthenticated');
});

test('a metrics reader gets metrics and nothing else', () => {
  assert.deepEqual(allowed({ kind: 'metrics-reader' }), ['open', 'metrics']);
  assert.equal(decide({ kind: 'metrics-reader' }, { access: 'session' }), 'forbidden');
});

test('owners may all', () => {
  assert.deepEqual(allowed({ kind: 'person', userId: 'u', sessionId: 's', role: 'owner' }), all);
  assert.deepEqual(allowed({ kind: 'machine-owner', userId: 'local', sessionId: 'local' }), all);
});

test('a role that policy does not know is denied', () => {
  const stranger = { kind: 'person', userId: 'u', sessionId: 's', role: 'guest' } as unknown as Caller;
  assert.equal(decide(stranger, { access: 'live' }), 'forbidden');
  assert.equal(decide({ kind: 'robot' } as unknown as Caller, { access: 'session' }), 'forbidden');
});
