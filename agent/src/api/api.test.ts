import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Hono } from 'hono';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { agentIdSchema } from '@porchlight/contract/ids';
import type { MediaAction } from '@porchlight/contract/media-grant';
import { openApp, openGrantGate, openLocalServer, type AgentEnv } from './index.ts';

const agent = agentIdSchema.parse('local');

/** An app with one playback and one live route, and a hub that signs grants. */
async function open() {
  const clock = openFakeClock();
  const log = openFakeLog();
  const gate = openGrantGate(clock);
  const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  gate.setAgent(agent);
  gate.setKeys([{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA' }]);
  const playback = new Hono();
  playback.get('/api/cameras/:id/recordings', (context) => context.json({ spans: [], gaps: [] }));
  playback.get('/api/cameras/:id/hls/:part', (context) => context.json(context.get('grant' as never)));
  playback.get('/api/cameras/:id/export.mp4', () => {
    throw new Error('a secret detail');
  });
  const live = new Hono<AgentEnv>();
  live.post('/api/cameras/:id/whep', (context) => context.text(context.get('sid'), 201));
  const routes = {
    playback,
    live,
    snapshots: new Hono<AgentEnv>(),
    triggers: new Hono<AgentEnv>(),
    holds: new Hono<AgentEnv>(),
    exports: new Hono<AgentEnv>(),
  };
  const app = openApp({ gate, routes, metrics: () => 'metrics\n', log });
  const sign = (
    actions: readonly MediaAction[],
    options: { camera?: string; aud?: string; sid?: string; ageSeconds?: number; fromMs?: number; toMs?: number } = {},
  ) => {
    const { camera = 'front', aud = agent, sid = 's1', ageSeconds = 0, ...span } = options;
    const iat = Math.floor(clock.nowMs() / 1000) - ageSeconds;
    return new SignJWT({ sid, camera, actions, ...span })
      .setProtectedHeader({ alg: 'EdDSA', kid: 'k1' })
      .setAudience(aud)
      .setSubject('user')
      .setIssuedAt(iat)
      .setExpirationTime(iat + 60)
      .sign(privateKey);
  };
  const get = async (
    token: string | undefined,
    path = '/api/cameras/front/recordings?from=5000&to=6000',
    method = 'GET',
  ) => app.request(path, { method, ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }) });
  return { app, clock, log, gate, sign, get };
}

test('a grant opens the camera and action it names, and nothing else', async () => {
  const house = await open();
  const replay = await house.sign(['replay']);
  assert.equal((await house.get(replay)).status, 200);
  assert.equal((await house.get(undefined)).status, 401);
  assert.equal((await house.get('no.such.token')).status, 401);
  assert.equal((await house.get(await house.sign(['live']))).status, 403);
  assert.equal((await house.get(await house.sign(['replay'], { camera: 'back' }))).status, 403);
  assert.equal((await house.get(await house.sign(['replay'], { aud: 'another' }))).status, 401);
  assert.equal((await house.get(await house.sign(['replay'], { ageSeconds: 80 }))).status, 401);
  assert.equal((await house.get(replay, '/api/cameras/front/whep', 'POST')).status, 403);
  const live = await house.get(await house.sign(['live'], { sid: 's7' }), '/api/cameras/front/whep', 'POST');
  assert.deepEqual([live.status, await live.text()], [201, 's7']);
});

test('a grant for a span opens that span', async () => {
  const house = await open();
  assert.equal((await house.get(await house.sign(['replay'], { fromMs: 5000, toMs: 6000 }))).status, 200);
  assert.equal((await house.get(await house.sign(['replay'], { fromMs: 5001, toMs: 6000 }))).status, 403);
  assert.equal((await house.get(await house.sign(['replay'], { fromMs: 5000, toMs: 5999 }))).status, 403);
});

test('a piece named by a playlist says its time itself: the grant is handed on to be held against it', async () => {
  const house = await open();
  const grant = await house.sign(['replay'], { fromMs: 5000, toMs: 6000 });
  const answer = await house.get(grant, '/api/cameras/front/hls/1-2-3.m4s');
  assert.equal(answer.status, 200);
  const { fromMs, toMs } = (await answer.json()) as { fromMs: number; toMs: number };
  assert.deepEqual([fromMs, toMs], [5000, 6000]);
});

test('the grants of an ended session open nothing any more', async () => {
  const house = await open();
  const grant = await house.sign(['replay'], { sid: 'gone' });
  house.gate.endSessions(['gone']);
  assert.equal((await house.get(grant)).status, 401);
  assert.equal((await house.get(await house.sign(['replay']))).status, 200);
});

test('keys that the hub no longer has open nothing', async () => {
  const house = await open();
  const grant = await house.sign(['replay']);
  house.gate.setKeys([]);
  assert.equal((await house.get(grant)).status, 401);
});

test('errors are kind, message and fix; unexpected ones keep their words to themselves', async () => {
  const house = await open();
  const missing = await house.get(undefined, '/api/else');
  assert.equal(missing.status, 404);
  assert.equal(((await missing.json()) as { kind: string }).kind, 'not-found');
  const failed = await house.get(await house.sign(['export']), '/api/cameras/front/export.mp4?from=1&to=2');
  assert.equal(failed.status, 500);
  assert.ok(!(await failed.text()).includes('secret detail'));
  const refused = await house.get(undefined);
  assert.deepEqual(Object.keys((await refused.json()) as object), ['kind', 'message', 'fix']);
});

test('a WebSocket is handed to the shard with the session in place of the grant', async () => {
  using folder = openTempFolder();
  const house = await open();
  let head = '';
  const shardPath = join(folder.path, 'shard');
  const shard = createServer((socket) =>
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (head.endsWith('\r\n\r\n'))
        socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
    }),
  ).listen(shardPath);
  await once(shard, 'listening');
  const socketPath = join(folder.path, 'agent');
  const server = await openLocalServer({ ...house, socketPath, findSocket: () => shardPath });
  const upgrade = (token: string | undefined) => {
    const asked = request({
      socketPath,
      path: '/api/cameras/front/mse?stream=sub',
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'porchlight-session': 'forged',
        cookie: 'a=b',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
    });
    asked.end();
    return asked;
  };
  const refused = upgrade(undefined);
  const [answer] = (await once(refused, 'response')) as [{ statusCode: number; resume(): void }];
  answer.resume();
  assert.equal(answer.statusCode, 401);
  const accepted = upgrade(await house.sign(['live'], { sid: 's9' }));
  const [, socket] = (await once(accepted, 'upgrade')) as [unknown, { destroy(): void }];
  socket.destroy();
  assert.match(head, /^GET \/api\/cameras\/front\/mse\?stream=sub HTTP\/1\.1\r\n/);
  assert.match(head, /\r\nporchlight-session: s9\r\n/);
  assert.doesNotMatch(head, /forged|authorization|cookie/i);
  await server.close();
  shard.close();
});
