import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLink, type DesiredState, type Link, type LinkOptions } from '@porchlight/agent/link';
import { systemClock as clock } from '@porchlight/base/clock';
import { HouseError } from '@porchlight/base/errors';
import { openFakeLog, type FakeLog } from '@porchlight/base/log';
import { isSignedBy, openSigner, toCertificateDigest } from '@porchlight/base/signing';
import { openTempFolder } from '@porchlight/base/testing';
import { claimSchema, type CameraReport } from '@porchlight/contract/agent';
import { cameraSchema, sourceTestSchema } from '@porchlight/contract/camera';
import { alarmIdSchema, alarmListSchema, type AgentAlarm } from '@porchlight/contract/alarms';
import { cameraIdSchema } from '@porchlight/contract/ids';
import {
  toStatementText,
  witnessedSchema,
  witnessStatementSchema,
  witnessSubject,
  type SignedHead,
} from '@porchlight/contract/proof';
import { openHub, type Hub } from '#house';

const secret = 'Marked-Pass/word@1';

type World = AsyncDisposable & {
  readonly folder: string;
  readonly hub: Hub;
  readonly log: FakeLog;
  readonly desired: DesiredState[];
  openAgent(options?: Partial<LinkOptions>): Link;
  call(method: string, path: string, body?: object): Promise<{ status: number; json: unknown; text: string }>;
  readonly cookie: { value: string };
};

async function openWorld(): Promise<World> {
  const temp = openTempFolder();
  const log = openFakeLog();
  const socket = join(temp.path, 'agent.sock');
  const given = { data: join(temp.path, 'hub'), host: '127.0.0.1', port: 0, agentSocket: socket, web: undefined };
  const hub = await openHub({ ...given, clock, log });
  const links: Link[] = [];
  const desired: DesiredState[] = [];
  const cookie = { value: '' };
  return {
    folder: temp.path,
    hub,
    log,
    desired,
    cookie,
    openAgent(options = {}) {
      const link = openLink({
        folder: join(temp.path, 'agent'),
        clock,
        log,
        version: 'test',
        claim: async () => {
          const answer = (await hub.takeMessage({ kind: 'claim', id: 'x' })) as { claim: unknown };
          return claimSchema.parse(answer.claim);
        },
        onDesired: (state) => void desired.push(state),
        onCommand: async () => undefined,
        reports: () => [],
        ...options,
      });
      links.push(link);
      return link;
    },
    async call(method, path, body) {
      const headers: Record<string, string> = { cookie: cookie.value };
      if (body) headers['content-type'] = 'application/json';
      const response = await fetch(new URL(path, hub.url), {
        method,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const setCookie = response.headers.getSetCookie().map((line) => line.split(';')[0]);
      if (setCookie.length > 0) cookie.value = setCookie.join('; ');
      const text = await response.text();
      return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) await link.close();
      await hub.close();
      temp[Symbol.dispose]();
    },
  };
}

async function setUp(world: World): Promise<void> {
  const token = new URL(world.hub.setupUrl!).searchParams.get('token');
  const person = { token, email: 'ada@example.org', password: 'correct horse', name: 'Ada' };
  assert.equal((await world.call('POST', '/api/setup', person)).status, 201);
}

/** Waits for something another process's message brings about; the test's own time limit ends a wait for ever. */
async function until<Value>(look: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const agentIsKnown = (world: World) => () => (world.desired.length > 0 ? true : undefined);
const options = { timeout: 60_000 };

test(
  'an agent provisions by claim, gets its cameras with opened credentials, and reports how they are',
  options,
  async () => {
    await using world = await openWorld();
    let reports: CameraReport[] = [];
    const link = world.openAgent({ reports: () => reports });
    await until(agentIsKnown(world));
    assert.equal(world.desired[0]!.agentId, 'local');
    await setUp(world);
    const url = `rtsp://admin:${encodeURIComponent(secret)}@10.0.0.9/one`;
    const added = await world.call('POST', '/api/cameras', { name: 'Front door', url });
    assert.equal(added.status, 201);
    const camera = cameraSchema.parse(added.json);
    assert.equal(camera.url, 'rtsp://10.0.0.9/one');
    assert.equal(camera.hasCredentials, true);
    const state = await until(() => world.desired.find((one) => one.cameras.length === 1));
    assert.deepEqual(state.cameras[0]!.credentials, { username: 'admin', password: secret });
    assert.ok(state.grantKeys.length === 1 && state.grantKeys[0]!['kty'] === 'OKP');

    const id = cameraIdSchema.parse('front-door');
    reports = [{ id, state: { status: 'online', sinceMs: 5 }, streams: [], usedBytes: 7 }];
    link.report();
    const seen = await until(async () => {
      const now = cameraSchema.parse((await world.call('GET', '/api/cameras/front-door')).json);
      return now.state.status === 'online' ? now : undefined;
    });
    assert.equal(seen.usedBytes, 7);
  },
);

test('the password of a camera is found nowhere: not in answers, logs, files of hub or agent', options, async () => {
  await using world = await openWorld();
  world.openAgent();
  await until(agentIsKnown(world));
  await setUp(world);
  const answers: string[] = [];
  const keep = async (...args: Parameters<World['call']>) => void answers.push((await world.call(...args)).text);
  const encoded = encodeURIComponent(secret);
  await keep('POST', '/api/cameras', { name: 'a', url: `rtsp://u:${encoded}@h1/x` });
  await keep('POST', '/api/cameras', { name: 'b', url: 'rtsp://h2/x', username: 'u', password: secret });
  await keep('POST', '/api/cameras', { name: 'c', url: `rtsp://h3/user=u&password=${encoded}&channel=1` });
  await keep('POST', '/api/cameras', { name: 'd', url: `rtsp://u:${secret}@h4/x` });
  await keep('POST', '/api/cameras', { name: 'e', url: `http://u:${secret}@h5/x` });
  await keep('PATCH', '/api/cameras/b', { username: 'u2', password: secret });
  await keep('GET', '/api/cameras');
  await keep('POST', '/api/cameras/test', { url: `rtsp://u:${encoded}@h6/x` });
  await until(() => world.desired.find((one) => one.cameras.length >= 3));
  const written = JSON.stringify(world.log.lines);
  for (const needle of [secret, encoded, 'Marked-Pass']) {
    for (const answer of answers) assert.ok(!answer.includes(needle), answer);
    assert.ok(!written.includes(needle), 'log');
    for (const file of readdirSync(world.folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(world.folder, file);
      if (statSync(path).isFile()) assert.ok(!readFileSync(path).includes(needle), `${file} holds the password`);
    }
  }
  assert.equal(statSync(join(world.folder, 'agent/desired.json')).mode & 0o777, 0o600);
  const c = world.desired.at(-1)!.cameras.find((camera) => camera.id === 'c');
  assert.equal(c?.url, `rtsp://h3/user=u&password=${encoded}&channel=1`);
});

test('a test of a source is answered by the agent, in words when it fails', options, async () => {
  await using world = await openWorld();
  const asked: unknown[] = [];
  const link = world.openAgent({
    async onCommand(verb, args) {
      asked.push([verb, args['url'], link.openCredentials(String(args['sealedCredentials']))]);
      if (args['url'] === 'rtsp://bad/') throw new HouseError('unavailable', 'Nobody there', { fix: 'Plug it in.' });
      return { ok: true, message: 'Works', streams: [], notes: ['nice'] };
    },
  });
  await until(agentIsKnown(world));
  await setUp(world);
  const good = await world.call('POST', '/api/cameras/test', { url: 'rtsp://u:p@good/' });
  assert.deepEqual(sourceTestSchema.parse(good.json).notes, ['nice']);
  assert.deepEqual(asked[0], ['test-source', 'rtsp://good/', { username: 'u', password: 'p' }]);
  const bad = sourceTestSchema.parse((await world.call('POST', '/api/cameras/test', { url: 'rtsp://u:p@bad/' })).json);
  assert.deepEqual([bad.ok, bad.message, bad.fix], [false, 'Nobody there', 'Plug it in.']);
});

test('a new address of a camera is tested with its stored password, on the same machine only', options, async () => {
  await using world = await openWorld();
  const asked: unknown[] = [];
  const link = world.openAgent({
    async onCommand(_verb, args) {
      const sealed = args['sealedCredentials'];
      asked.push(typeof sealed === 'string' ? link.openCredentials(sealed) : undefined);
      return { ok: true, message: 'Works', streams: [], notes: [] };
    },
  });
  await until(agentIsKnown(world));
  await setUp(world);
  await world.call('POST', '/api/cameras', { name: 'a', url: 'rtsp://u:p@h/one' });
  const ask = (source: object) => world.call('POST', '/api/cameras/test', source);
  await ask({ url: 'rtsp://h/two', cameraId: 'a' });
  await ask({ url: 'rtsp://h/two', cameraId: 'a', username: 'v', password: 'q' });
  await ask({ url: 'rtsp://elsewhere/two', cameraId: 'a' });
  await ask({ url: 'rtsp://h/two' });
  assert.deepEqual(asked, [{ username: 'u', password: 'p' }, { username: 'v', password: 'q' }, undefined, undefined]);
});

test('an agent starts from disk without a hub, and a lost agent makes its cameras offline', options, async () => {
  await using world = await openWorld();
  const first = world.openAgent();
  await until(agentIsKnown(world));
  await setUp(world);
  await world.call('POST', '/api/cameras', { name: 'a', url: 'rtsp://u:p@h/' });
  await until(() => world.desired.find((one) => one.cameras.length === 1));
  await first.close();
  const lost = await until(async () => {
    const { state } = cameraSchema.parse((await world.call('GET', '/api/cameras/a')).json);
    return state.status === 'offline' ? state : undefined;
  });
  assert.equal(lost.reason, 'agent-down');
  await world.hub.close();
  const before = world.desired.length;
  world.openAgent({ claim: () => Promise.reject(new Error('no hub')) });
  assert.equal(world.desired.length, before + 1, 'handed over before openLink returned');
  assert.deepEqual(world.desired.at(-1)!.cameras[0]!.credentials, { username: 'u', password: 'p' });
});

test(
  'what the agent serves comes through with a grant and without the cookie; who leaves stops it',
  options,
  async () => {
    await using world = await openWorld();
    world.openAgent();
    await until(agentIsKnown(world));
    await setUp(world);
    await world.call('POST', '/api/cameras', { name: 'a', url: 'rtsp://h/' });
    const seen: { url: string; cookie: unknown; authorization: string }[] = [];
    let aborted = (): void => undefined;
    const gone = new Promise<void>((resolve) => (aborted = resolve));
    const agent = await openFakeAgent(join(world.folder, 'agent.sock'), (request, response) => {
      const { cookie, authorization } = request.headers;
      seen.push({ url: request.url!, cookie, authorization: authorization ?? '' });
      response.writeHead(200, { 'content-type': 'video/mp4', 'porchlight-from-ms': '5', 'set-cookie': 'evil=1' });
      response.write('first');
      response.once('close', () => aborted());
      if (request.url!.includes('recordings')) response.end('last');
    });
    try {
      const answer = await world.call('GET', '/api/cameras/a/recordings?from=0&to=5');
      assert.equal(answer.text, 'firstlast');
      assert.ok(!world.cookie.value.includes('evil'));
      assert.equal(seen[0]!.url, '/api/cameras/a/recordings?from=0&to=5');
      assert.equal(seen[0]!.cookie, undefined);
      const [, payload] = seen[0]!.authorization.replace('Bearer ', '').split('.');
      const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as Record<string, unknown>;
      assert.deepEqual([claims['aud'], claims['camera'], claims['actions']], ['local', 'a', ['replay']]);
      const leaving = new AbortController();
      const url = new URL('/api/cameras/a/export.mp4?from=0&to=5', world.hub.url);
      const response = await fetch(url, { headers: { cookie: world.cookie.value }, signal: leaving.signal });
      assert.equal(response.headers.get('porchlight-from-ms'), '5');
      assert.ok(response.headers.has('content-security-policy'));
      leaving.abort();
      await gone;
      const unsigned = await fetch(url);
      assert.equal(unsigned.status, 401);
      assert.equal(seen.length, 2);
    } finally {
      agent.closeAllConnections();
      agent.close();
    }
    const down = await world.call('GET', '/api/cameras/a/snapshot.jpg');
    assert.equal(down.status, 503);
  },
);

test(
  'at two thirds of its life a certificate is renewed by itself, and the one before is good for nothing',
  options,
  async () => {
    await using world = await openWorld();
    const asked = (): boolean => world.log.lines.some(({ message }) => /^renewed the certificate/.test(message));
    /** Years later, until the hub has been asked: by the clock of TLS both certificates are good. */
    const later = { ...clock, nowMs: () => clock.nowMs() + (asked() ? 0 : 7 * 365 * 86_400_000) };
    const identities: Parameters<NonNullable<LinkOptions['onIdentity']>>[0][] = [];
    const onIdentity: LinkOptions['onIdentity'] = (identity) => void identities.push(identity);
    const first = world.openAgent({ onIdentity });
    await until(() => (first.online && world.desired.length > 0 ? true : undefined));
    await first.close();
    assert.ok(!asked(), 'a new one is not renewed');
    const [before] = identities.splice(0);
    const second = world.openAgent({ onIdentity, clock: later });
    const renewed = await until(() =>
      identities.find(({ certificatePem }) => certificatePem !== before!.certificatePem),
    );
    await until(() => (second.online ? true : undefined));
    assert.equal(renewed.agentId, before!.agentId);
    assert.notEqual(renewed.privateKeyPem, before!.privateKeyPem, 'with a key of its own');
    const kept = JSON.parse(readFileSync(join(world.folder, 'agent', 'device.json'), 'utf8')) as typeof renewed;
    assert.equal(kept.certificatePem, renewed.certificatePem);
    assert.ok(!readdirSync(join(world.folder, 'agent')).includes('device-next.json'));
    await until(() =>
      world.log.lines.some(({ message }) => /^revoked the certificates before/.test(message)) ? true : undefined,
    );
  },
);

test(
  'a signed head goes to the hub by MQTT, comes back as a receipt, and members read what was written down',
  options,
  async () => {
    await using world = await openWorld();
    const agent: { identity?: Parameters<NonNullable<LinkOptions['onIdentity']>>[0] } = {};
    const told: Uint8Array[] = [];
    const link = world.openAgent({
      onIdentity: (identity) => void (agent.identity = identity),
      onWitnessed: (payload) => void told.push(payload),
    });
    await until(agentIsKnown(world));
    await setUp(world);
    const added = await world.call('POST', '/api/cameras', { name: 'Yard', url: 'rtsp://10.0.0.9/one' });
    assert.equal(added.status, 201);
    const identity = await until(() => agent.identity);
    const signer = openSigner(identity);
    const makeHead = (seq: number, since?: { seq: number; link: string }): SignedHead => {
      const place = {
        agent: identity.agentId,
        camera: cameraIdSchema.parse('yard'),
        seq,
        link: String(seq).repeat(64),
      };
      const head = {
        v: 1,
        kind: 'head',
        ...place,
        atMs: clock.nowMs(),
        ...(since ? { since } : {}),
        key: signer.key,
      } as const;
      return { head, signature: signer.sign(toStatementText(head)) };
    };
    const { certificatePem } = signer;
    link.showHeads({ certificatePem, heads: [makeHead(3)] });
    const first = witnessedSchema.parse(JSON.parse(Buffer.from(await until(() => told[0])).toString())).body;
    assert.deepEqual([first.receipts[0]!.receipt.seq, first.conflicts], [3, []]);
    const witness = new X509Certificate(first.certificates[0]!);
    assert.ok(isSignedBy(witness, toStatementText(first.receipts[0]!.receipt), first.receipts[0]!.signature));
    assert.equal(witness.subject, witnessSubject);
    assert.ok(witness.verify(new X509Certificate(identity.caPem).publicKey), 'the house’s authority stands behind it');
    // Cut back: what the hub has is not to be undone.
    link.showHeads({ certificatePem, heads: [makeHead(2)] });
    const second = witnessedSchema.parse(JSON.parse(Buffer.from(await until(() => told[1])).toString())).body;
    assert.deepEqual(second.conflicts[0]!.known, { seq: 3, link: '3'.repeat(64) });
    const read = await world.call('GET', '/api/cameras/yard/proof?from=0&to=99999999999999');
    assert.equal(read.status, 200);
    const { entries, house } = witnessStatementSchema.parse(read.json);
    assert.deepEqual(
      entries.map(({ kind, head }) => [kind, head.head.seq]),
      [
        ['head', 3],
        ['conflict', 2],
      ],
    );
    assert.equal(house, toCertificateDigest(identity.caPem));
    world.cookie.value = '';
    assert.equal((await world.call('GET', '/api/cameras/yard/proof?from=0&to=1')).status, 401);
  },
);

function openFakeAgent(path: string, onRequest: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(onRequest as never);
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

test(
  'an alarm of an agent comes in over MQTT, is acknowledged, and is over when the agent says so',
  options,
  async () => {
    await using world = await openWorld();
    const alarm: AgentAlarm = {
      ...{ id: alarmIdSchema.parse('a1'), kind: 'disk-full', severity: 'critical', part: 'main', startMs: 1000 },
      ...{ message: 'The disk is full.', fix: 'Free some space.' },
    };
    let alarms: { open: AgentAlarm[]; ended: AgentAlarm[] } = { open: [alarm], ended: [] };
    const link = world.openAgent({ alarms: () => alarms });
    await setUp(world);
    const list = async (query: string) =>
      alarmListSchema.parse((await world.call('GET', `/api/alarms${query}`)).json).alarms;
    const [standing] = await until(async () => {
      const found = await list('?open=true');
      return found.length > 0 ? found : undefined;
    });
    assert.deepEqual(standing, { ...alarm, agentId: 'local' });
    assert.equal((await world.call('POST', '/api/alarms/a1/acknowledge')).status, 200);
    alarms = { open: [], ended: [{ ...alarm, endMs: 2000 }] };
    link.reportAlarms();
    await until(async () => ((await list('?open=true')).length === 0 ? true : undefined));
    const [over] = await list('');
    assert.deepEqual([over?.endMs, over?.acknowledgedBy], [2000, 'Ada']);
    assert.match((await world.call('GET', '/metrics')).text, /^porchlight_alarms_unseen 0$/m);
  },
);
