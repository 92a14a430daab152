import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import mqtt from 'mqtt';
import { WebSocket } from 'ws';
import { systemClock as clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { claimSchema } from '@porchlight/contract/agent';
import { createFromCsrTopic, desiredTopic, presenceTopic } from '@porchlight/contract/topics';
import { agentIdSchema } from '@porchlight/contract/ids';
import { openHub, type Hub } from '#house';

const limit = { timeout: 60_000 };

async function open(folder: string, more: Partial<Parameters<typeof openHub>[0]> = {}): Promise<Hub> {
  const given = { data: join(folder, 'hub'), host: '127.0.0.1', port: 0, agentSocket: join(folder, 'no.sock') };
  return openHub({ ...given, web: undefined, clock, log: openFakeLog(), ...more });
}

async function signUp(hub: Hub): Promise<string> {
  const token = new URL(hub.setupUrl!).searchParams.get('token');
  const body = JSON.stringify({ token, email: 'a@example.org', password: '0123456789', name: 'A' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(new URL('/api/setup', hub.url), { method: 'POST', body, headers });
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

test(
  'changes are told over a WebSocket to those signed in, from our own page, until they sign out',
  limit,
  async () => {
    using folder = openTempFolder();
    const hub = await open(folder.path);
    try {
      const cookie = await signUp(hub);
      const url = `${hub.url.replace('http', 'ws')}/api/changes`;
      const statusOf = async (headers: Record<string, string>): Promise<number> => {
        const socket = new WebSocket(url, { headers });
        socket.on('error', () => undefined);
        const [, answer] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
        return answer.statusCode;
      };
      assert.equal(await statusOf({}), 401);
      assert.equal(await statusOf({ cookie, origin: 'https://evil.example' }), 403);
      const page = new WebSocket(url, { headers: { cookie, origin: hub.url } });
      await once(page, 'open');
      const body = JSON.stringify({ name: 'A', url: 'rtsp://h/x' });
      const headers = { 'content-type': 'application/json', cookie };
      const heard = once(page, 'message') as Promise<[Buffer]>;
      await fetch(new URL('/api/cameras', hub.url), { method: 'POST', body, headers });
      assert.deepEqual(JSON.parse((await heard)[0].toString()), { topic: 'cameras' });
      const ended = once(page, 'close') as Promise<[number]>;
      await fetch(new URL('/api/session', hub.url), { method: 'DELETE', headers: { cookie } });
      assert.equal((await ended)[0], 4401);
    } finally {
      await hub.close();
    }
  },
);

test('a name that is not ours is refused, so that DNS rebinding reaches nothing', limit, async () => {
  using folder = openTempFolder();
  const hub = await open(folder.path);
  try {
    const asked = request(new URL('/api/health', hub.url), { headers: { host: 'evil.example' } });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    assert.equal(answer.statusCode, 403);
  } finally {
    await hub.close();
  }
});

test(
  'the page comes with its own headers, its routes lead to it, and nothing outside the folder does',
  limit,
  async () => {
    using folder = openTempFolder();
    const web = join(folder.path, 'web');
    mkdirSync(join(web, 'assets'), { recursive: true });
    writeFileSync(join(web, 'index.html'), '<p>page</p>');
    writeFileSync(join(web, 'assets/app-abcdef12.js'), 'let a');
    writeFileSync(join(folder.path, 'secret.txt'), 'secret');
    const hub = await open(folder.path, { web });
    try {
      const get = (path: string) => fetch(new URL(path, hub.url));
      const script = await get('/assets/app-abcdef12.js');
      assert.match(script.headers.get('cache-control')!, /immutable/);
      assert.match(script.headers.get('content-type')!, /javascript/);
      for (const path of ['/', '/cameras/front-door', '/setup?token=x']) {
        const response = await get(path);
        assert.equal(await response.text(), '<p>page</p>', path);
        assert.equal(response.headers.get('cache-control'), 'no-cache');
        assert.match(response.headers.get('content-security-policy')!, /frame-ancestors 'none'/);
      }
      for (const path of ['/..%2fsecret.txt', '/%2e%2e/secret.txt', '/.hidden', '/nothing.js']) {
        assert.ok(!(await (await get(path)).text()).includes('secret'), path);
      }
      const etag = (await get('/')).headers.get('etag')!;
      assert.equal((await fetch(hub.url, { headers: { 'if-none-match': etag } })).status, 304);
    } finally {
      await hub.close();
    }
  },
);

test(
  'a claim may only provision: other topics end its connection, and no certificate gets no connection',
  limit,
  async () => {
    using folder = openTempFolder();
    const hub = await open(folder.path);
    const agent = agentIdSchema.parse('local');
    try {
      const answer = (await hub.takeMessage({ kind: 'claim', id: '1' })) as { claim: unknown };
      const claim = claimSchema.parse(answer.claim);
      const tls = { ca: claim.caPem, cert: claim.certificatePem, key: claim.privateKeyPem };
      const common = { protocolVersion: 4, reconnectPeriod: 0 } as const;
      const wishes = [desiredTopic(agent), '#', '$aws/#', createFromCsrTopic, '+/local/report'];
      for (const topic of wishes) {
        const client = await mqtt.connectAsync(claim.brokerUrl, { ...common, ...tls, clientId: 'c' });
        client.on('error', () => undefined);
        const refused = await client.subscribeAsync(topic, { qos: 1 }).then(
          (granted) => granted.every(({ qos }) => (qos as number) === 128),
          () => true,
        );
        assert.ok(refused, topic);
        client.end(true);
      }
      const client = await mqtt.connectAsync(claim.brokerUrl, { ...common, ...tls, clientId: 'c' });
      client.on('error', () => undefined);
      const closed = new Promise<void>((resolve) => client.once('close', resolve));
      client.publish(presenceTopic(agent), '{}', { qos: 0 });
      await closed;
      await assert.rejects(mqtt.connectAsync(claim.brokerUrl, { ...common, ca: claim.caPem, clientId: 'c' }));
    } finally {
      await hub.close();
    }
  },
);

test('two hubs never share a folder; the second says what to do', limit, async () => {
  using folder = openTempFolder();
  const hub = await open(folder.path);
  await assert.rejects(open(folder.path), (error: unknown) => {
    return error instanceof HouseError && error.kind === 'conflict' && /--data/.test(error.message);
  });
  await hub.close();
  await (await open(folder.path)).close();
});

test(
  'the broker keeps its port, the set-up link works until there is an account, the demo comes once',
  limit,
  async () => {
    using folder = openTempFolder();
    const first = await open(folder.path);
    await first.takeMessage({ kind: 'ensure-demo' });
    const cookie = await signUp(first);
    const list = async (hub: Hub) => {
      const response = await fetch(new URL('/api/cameras', hub.url), { headers: { cookie } });
      return ((await response.json()) as { cameras: { id: string }[] }).cameras.map(({ id }) => id);
    };
    assert.deepEqual(await list(first), ['demo-street']);
    const headers = { cookie };
    await fetch(new URL('/api/cameras/demo-street?footage=delete', first.url), { method: 'DELETE', headers });
    await first.close();
    const second = await open(folder.path);
    try {
      assert.equal(second.brokerUrl, first.brokerUrl);
      assert.equal(second.setupUrl, undefined);
      await second.takeMessage({ kind: 'ensure-demo' });
      assert.deepEqual(await list(second), []);
      for (let round = 0; round < 2; round++) {
        await second.takeMessage({ kind: 'add-camera', name: 'Yard', url: 'rtsp://h/yard' });
      }
      assert.deepEqual(await list(second), ['yard']);
    } finally {
      await second.close();
    }
  },
);

test('another address than loopback is served over TLS, with a certificate that is kept', limit, async () => {
  using folder = openTempFolder();
  const hub = await open(folder.path, { host: '0.0.0.0' });
  assert.match(hub.url, /^https:/);
  await assert.rejects(fetch(hub.url), /fetch failed/, 'nobody vouches for it');
  await hub.close();
});
