import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { openFakeClock } from '@porchlight/base/clock';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { mediaGrantSchema } from '@porchlight/contract/media-grant';
import { makeGrantKey, openMediaGrants } from './index.ts';

const wish = {
  agent: agentIdSchema.parse('local'),
  userId: 'u',
  sessionId: 's',
  camera: cameraIdSchema.parse('door'),
  action: 'live',
} as const;

test('a grant verifies with the public key, names what it is for, and ends after 60 s', async () => {
  const clock = openFakeClock();
  const grants = await openMediaGrants(await makeGrantKey(clock), clock);
  const keys = createLocalJWKSet({ keys: grants.publicKeys.map((key) => ({ ...key }) as { kty: string }) });
  const token = await grants.sign(wish);
  const at = (offsetMs: number) => ({ audience: 'local', currentDate: new Date(clock.nowMs() + offsetMs) });
  const { payload, protectedHeader } = await jwtVerify(token, keys, at(59_000));
  assert.equal(protectedHeader.alg, 'EdDSA');
  const claims = mediaGrantSchema.parse(payload);
  assert.deepEqual([claims.sid, claims.sub, claims.camera, claims.actions], ['s', 'u', 'door', ['live']]);
  await assert.rejects(jwtVerify(token, keys, at(61_000)));
  await assert.rejects(jwtVerify(token, keys, { ...at(0), audience: 'barn' }));
});

test('public keys hold no private half', async () => {
  const clock = openFakeClock();
  const text = await makeGrantKey(clock);
  const grants = await openMediaGrants(text, clock);
  const secret = (JSON.parse(text) as { d: string }).d;
  assert.ok(secret.length > 40);
  assert.ok(!JSON.stringify(grants.publicKeys).includes(secret));
});
