import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openSealingKey, type SealingKey } from '@porchlight/base/secrets';
import { openTempFolder } from '@porchlight/base/testing';
import { alarmListSchema, alarmSchema } from '@porchlight/contract/alarms';
import { commandSchema } from '@porchlight/contract/agent';
import { cameraSchema } from '@porchlight/contract/camera';
import { endpoints, type Endpoint } from '@porchlight/contract/endpoints';
import { apiErrorSchema } from '@porchlight/contract/errors';
import { agentIdSchema, type AgentId } from '@porchlight/contract/ids';
import { storageListSchema } from '@porchlight/contract/storage';
import type { FakeAgentLink, InboxTopic } from '#link';
import type { Store } from '#store';
import type { HouseKeys } from './house-keys.ts';
import { describeProof } from './proof-suite.ts';

/** A hub's API to be tested, wherever it runs. Each world starts without account and cameras. */
export type ApiWorld = {
  /** Sends a request to a path of the hub. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  readonly origin: string;
  readonly setupToken: string;
  readonly metricsToken: string;
  readonly link: FakeAgentLink;
  readonly store: Store;
  readonly keys: HouseKeys;
  /** A message of an agent comes in; on platforms with several instances at another one than requests do. */
  receive(agent: AgentId, topic: InboxTopic, payload: Uint8Array): Promise<void>;
  /** Whether agents' routes are answered here, or the caller is sent elsewhere. */
  readonly agentRoutes: 'here' | 'elsewhere';
  /** Whether a request waits for an agent's answer unasked. */
  readonly waits: boolean;
  close(): Promise<void>;
};

const local = agentIdSchema.parse('local');
const person = { email: 'ada@example.org', password: 'correct horse', name: 'Ada' };
const json = { 'content-type': 'application/json' };

/** What the API promises on every platform. */
export function describeApi(name: string, open: () => Promise<ApiWorld>): void {
  void describe(`API: ${name}`, { timeout: 180_000 }, () => {
    describeDoor(open);
    describePeople(open);
    describeCameras(open);
    describeAgents(open);
    describeProof({ open, openOwner });
  });
}

export type Visitor = {
  readonly world: ApiWorld;
  cookie: string;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
};

function openVisitor(world: ApiWorld): Visitor {
  const visitor: Visitor = {
    world,
    cookie: '',
    async send(method, path, body, headers = {}) {
      const all = {
        ...(body === undefined ? {} : json),
        ...(visitor.cookie ? { cookie: visitor.cookie } : {}),
        ...headers,
      };
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await world.fetch(path, { method, headers: all, ...(body === undefined ? {} : { body: text }) });
      const lines = response.headers.getSetCookie();
      if (lines.length > 0) visitor.cookie = lines.map((line) => line.split(';')[0]).join('; ');
      return response;
    },
  };
  return visitor;
}

async function openOwner(world: ApiWorld): Promise<Visitor> {
  const visitor = openVisitor(world);
  const response = await visitor.send('POST', '/api/setup', { ...person, token: world.setupToken });
  assert.equal(response.status, 201, await response.text());
  return visitor;
}

async function expectError(response: Response, status: number, kind: string): Promise<string> {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const error = apiErrorSchema.parse(JSON.parse(text));
  assert.equal(error.kind, kind);
  assert.ok(error.fix !== undefined && error.fix.length > 3, 'says what to do');
  return text;
}

const pathOf = (endpoint: Endpoint): string =>
  endpoint.path.replace('{id}', 'some-id').replace('{part}', 'init.mp4').replace('{lease}', 'abc');

function describeDoor(open: () => Promise<ApiWorld>): void {
  void describe('the door', () => {
    let world: ApiWorld;
    before(async () => void (world = await open()));
    after(() => world.close());

    void test('without a session only what the contract calls open is answered', async () => {
      const visitor = openVisitor(world);
      const openNames: string[] = [];
      for (const [name, endpoint] of Object.entries<Endpoint>(endpoints)) {
        const response = await visitor.send(endpoint.method, pathOf(endpoint), endpoint.body ? {} : undefined);
        if (endpoint.access === 'open') openNames.push(name);
        else await expectError(response, 401, 'unauthenticated');
      }
      assert.deepEqual(openNames.sort(), ['getHealth', 'getOpenApi', 'getSession', 'setup', 'signIn'].sort());
    });
    void test("the accounts library's own routes do not exist, nor does anything else", async () => {
      const visitor = openVisitor(world);
      for (const path of ['/api/auth/session', '/api/auth/sign-up/email', '/api/auth/ok', '/api/', '/api/nothing']) {
        for (const method of ['GET', 'POST']) {
          await expectError(await visitor.send(method, path, method === 'POST' ? {} : undefined), 404, 'not-found');
        }
      }
    });
    void test('health says so, in the open', async () => {
      const response = await world.fetch('/api/health');
      assert.deepEqual(await response.json(), { ok: true });
      assert.equal(response.headers.get('cache-control'), 'no-store');
    });
    void test('every answer tells the browser what the page may do, errors too', async () => {
      for (const path of ['/api/health', '/api/cameras', '/api/nothing']) {
        const { headers } = await world.fetch(path);
        assert.match(headers.get('content-security-policy') ?? '', /script-src 'self';/, path);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
      }
    });
    void test('the description names every endpoint, and its references lead somewhere', async () => {
      const document = (await (await world.fetch('/api/openapi.json')).json()) as {
        openapi: string;
        paths: Record<string, Record<string, unknown>>;
        components: { schemas: Record<string, unknown> };
      };
      assert.equal(document.openapi, '3.1.0');
      for (const endpoint of Object.values<Endpoint>(endpoints)) {
        assert.ok(document.paths[endpoint.path]?.[endpoint.method.toLowerCase()], endpoint.path);
      }
      const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
      for (const [, reference] of references) {
        const [, name] = /^#\/components\/schemas\/(\w+)$/.exec(reference!) ?? [];
        assert.ok(name !== undefined && name in document.components.schemas, reference);
      }
    });
    void test("another site's page may not change anything", async () => {
      const visitor = openVisitor(world);
      const wishes = [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }];
      for (const headers of wishes) {
        await expectError(await visitor.send('POST', '/api/session', person, headers), 403, 'forbidden');
      }
      const own = await visitor.send('POST', '/api/session', person, { origin: world.origin });
      await expectError(own, 401, 'unauthenticated');
    });
    void test('a body must be JSON, of the right shape, and not long', async () => {
      const visitor = openVisitor(world);
      const post = (body: string, type = 'application/json') =>
        visitor.send('POST', '/api/session', body, { 'content-type': type });
      await expectError(await post('{}', 'text/plain'), 415, 'invalid');
      await expectError(await post('{'), 400, 'invalid');
      await expectError(await post('[]'), 400, 'invalid');
      assert.match(await expectError(await post('{"email":"x"}'), 400, 'invalid'), /email/);
      await expectError(await post(JSON.stringify({ email: 'x'.repeat(70_000) })), 413, 'invalid');
    });
  });
}

function describePeople(open: () => Promise<ApiWorld>): void {
  void describe('people', () => {
    let world: ApiWorld;
    before(async () => void (world = await open()));
    after(() => world.close());

    void test('set-up takes the right token, once, however many ask; then sign-in works and sign-out ends it', async () => {
      const visitor = openVisitor(world);
      assert.deepEqual(await (await visitor.send('GET', '/api/session')).json(), { setupNeeded: true });
      await expectError(await visitor.send('POST', '/api/setup', { ...person, token: 'wrong' }), 403, 'forbidden');
      const wish = { ...person, token: world.setupToken };
      const answers = await Promise.all([1, 2, 3].map(() => openVisitor(world).send('POST', '/api/setup', wish)));
      const statuses = answers.map((answer) => answer.status);
      assert.equal(statuses.filter((status) => status === 201).length, 1, String(statuses));
      await expectError(await visitor.send('POST', '/api/setup', wish), 409, 'conflict');

      const response = await visitor.send('POST', '/api/session', person);
      assert.equal(response.status, 200);
      const [line] = response.headers.getSetCookie();
      assert.match(line!, /HttpOnly/i);
      assert.match(line!, /SameSite=Strict/i);
      const session = (await (await visitor.send('GET', '/api/session')).json()) as { user: { email: string } };
      assert.equal(session.user.email, person.email);
      const { cookie } = visitor;
      assert.equal((await visitor.send('DELETE', '/api/session')).status, 204);
      await expectError(await world.fetch('/api/cameras', { headers: { cookie } }), 401, 'unauthenticated');
    });
    void test('a wrong password and an unknown account get the same answer', async () => {
      const visitor = openVisitor(world);
      const wrong = await visitor.send('POST', '/api/session', { ...person, password: 'not it at all' });
      const unknown = await visitor.send('POST', '/api/session', { ...person, email: 'bob@example.org' });
      assert.equal(
        await expectError(wrong, 401, 'unauthenticated'),
        await expectError(unknown, 401, 'unauthenticated'),
      );
    });
    void test('guessing is stopped, and says for how long', async () => {
      const guess = { email: 'guessed@example.org', password: 'guess' };
      let last: Response | undefined;
      for (let round = 0; round < 20 && last?.status !== 429; round++) {
        last = await openVisitor(world).send('POST', '/api/session', guess);
      }
      assert.ok(Number(last!.headers.get('retry-after')) > 0);
      await expectError(last!, 429, 'unavailable');
    });
    void test('the metrics token opens the metrics and nothing else', async () => {
      const headers = { authorization: `Bearer ${world.metricsToken}` };
      const response = await world.fetch('/metrics', { headers });
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /version=0\.0\.4/);
      await expectError(await world.fetch('/api/cameras', { headers }), 403, 'forbidden');
      const bad = { authorization: `Bearer ${world.metricsToken}x` };
      await expectError(await world.fetch('/metrics', { headers: bad }), 401, 'unauthenticated');
    });
  });
}

function describeCameras(open: () => Promise<ApiWorld>): void {
  void describe('cameras', () => {
    let world: ApiWorld;
    let owner: Visitor;
    before(async () => {
      world = await open();
      owner = await openOwner(world);
    });
    after(() => world.close());
    const add = (body: object) => owner.send('POST', '/api/cameras', body);

    void test('a camera is added, listed, renamed, paused and removed; ids come from names', async () => {
      const first = cameraSchema.parse(await (await add({ name: 'Front door', url: 'rtsp://10.0.0.1/a' })).json());
      const second = cameraSchema.parse(await (await add({ name: 'Front Door', url: 'rtsp://10.0.0.1/b' })).json());
      assert.deepEqual([first.id, second.id], ['front-door', 'front-door-2']);
      const changed = await owner.send('PATCH', '/api/cameras/front-door', { name: 'Haustür', paused: true });
      assert.deepEqual(cameraSchema.parse(await changed.json()).name, 'Haustür');
      assert.equal(cameraSchema.parse(await (await owner.send('GET', '/api/cameras/front-door')).json()).paused, true);
      const listed = (await (await owner.send('GET', '/api/cameras')).json()) as { cameras: unknown[] };
      assert.equal(listed.cameras.length, 2);
      assert.equal((await owner.send('DELETE', '/api/cameras/front-door-2?footage=keep')).status, 204);
      await expectError(await owner.send('GET', '/api/cameras/front-door-2'), 404, 'not-found');
      await expectError(await owner.send('DELETE', '/api/cameras/front-door-2'), 404, 'not-found');
    });
    void test('the same source is not added twice', async () => {
      await expectError(await add({ name: 'Twin', url: 'rtsp://10.0.0.1:554/a' }), 409, 'conflict');
    });
    void test('what is no source is refused in words', async () => {
      const bad = ['http://h/x', 'rtsp://', 'rtsp://h:99999/', 'clip.mp4', 'rtsp://h/a#b', 'rtsp://u:p/w@h/x', ''];
      for (const url of bad) await expectError(await add({ name: 'Bad', url }), 400, 'invalid');
      await expectError(await add({ name: '', url: 'rtsp://h/x' }), 400, 'invalid');
      await expectError(await owner.send('PATCH', '/api/cameras/None_Such!', { name: 'x' }), 400, 'invalid');
    });
    void test('a password cannot be kept while no agent has called, and is refused rather than stored', async () => {
      const response = await add({ name: 'Early', url: 'rtsp://u:hidden-word@10.0.0.7/a' });
      assert.ok(!(await expectError(response, 503, 'unavailable')).includes('hidden-word'));
    });
    void test("what an agent serves is answered here or the caller is told where; both only for a camera that's there", async () => {
      for (const endpoint of Object.values<Endpoint>(endpoints).filter((one) => one.at === 'agent')) {
        if (endpoint.status === 101) continue;
        const path = pathOf(endpoint);
        const body = endpoint.bodyType === undefined ? undefined : 'v=0';
        const type = { 'content-type': endpoint.bodyType ?? 'application/json' };
        const namesCamera = endpoint.path.includes('{id}');
        if (namesCamera) {
          const missing = await owner.send(endpoint.method, path, body, type);
          await expectError(missing, 404, 'not-found');
        }
        const there = namesCamera
          ? path.replace('some-id', 'front-door')
          : endpoint.path.replaceAll(/\{\w+\}/g, '0123456789abcdef');
        const found = await owner.send(endpoint.method, there, body, type);
        if (world.agentRoutes === 'here') assert.equal(found.status, 200, path);
        else {
          const error = apiErrorSchema.parse(JSON.parse(await expectError(found, 421, 'unavailable')));
          assert.deepEqual(error.connect, { agent: 'local' });
        }
      }
    });
  });
}

function describeAgents(open: () => Promise<ApiWorld>): void {
  void describe('agents', () => {
    let world: ApiWorld;
    let owner: Visitor;
    let key: SealingKey;
    const folder = openTempFolder();
    const say = (topic: InboxTopic, body: object, agent = local) =>
      world.receive(agent, topic, Buffer.from(JSON.stringify({ v: 1, id: randomUUID(), atMs: 1, body })));
    before(async () => {
      world = await open();
      owner = await openOwner(world);
      key = openSealingKey(join(folder.path, 'key'));
      await say('presence', { online: true, sealingKey: key.publicKey, revision: 7 });
    });
    after(async () => {
      await world.close();
      folder[Symbol.dispose]();
    });
    const question = async () => {
      for (;;) {
        const sent = world.link.sent.findLast((one) => one.topic === 'command');
        if (sent) return commandSchema.parse(JSON.parse(sent.payload)).body;
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const answer = async () => {
      const { command } = await question();
      await say('answer', { command, ok: true, result: { ok: true, message: 'Works', streams: [], notes: [] } });
    };

    void test('after a hello the agent gets all it should have, newer than what it has', async () => {
      assert.equal((await owner.send('POST', '/api/cameras', { name: 'A', url: 'rtsp://u:p@h/' })).status, 201);
      const sent = world.link.sent.filter((one) => one.topic === 'desired');
      const bodies = sent.map((one) => (JSON.parse(one.payload) as { body: Desired }).body);
      assert.equal(bodies[0]!.revision, 8);
      const last = bodies.at(-1)!;
      assert.ok(last.revision > 8);
      const opened = Buffer.from(key.open(last.cameras[0]!.sealedCredentials)).toString();
      assert.deepEqual(JSON.parse(opened), { username: 'u', password: 'p' });
    });
    void test('what an agent reports is shown, of its own cameras only', async () => {
      const report = (status: string) => ({
        revision: 9,
        cameras: [{ id: 'a', state: { status, sinceMs: 1 }, streams: [], usedBytes: 3 }],
      });
      await say('report', report('online'));
      await say('report', report('error'), agentIdSchema.parse('other'));
      await say('report', { nonsense: true });
      const camera = cameraSchema.parse(await (await owner.send('GET', '/api/cameras/a')).json());
      assert.deepEqual([camera.state.status, camera.usedBytes], ['online', 3]);
    });
    void test('where footage is kept is chosen when the agent agrees, and stays as it was when it refuses', async () => {
      const read = async () =>
        storageListSchema.parse(await (await owner.send('GET', '/api/storage')).json()).agents[0]!;
      const reply = async (body: object, send: Promise<Response>): Promise<Response> => {
        const before = world.link.sent.filter(({ topic }) => topic === 'command').length;
        while (world.link.sent.filter(({ topic }) => topic === 'command').length === before)
          await new Promise((resolve) => setImmediate(resolve));
        const { command, verb } = await question();
        assert.equal(verb, 'result' in body ? 'check-folder' : 'check-storage');
        await say('answer', { command, ...body });
        return send;
      };
      assert.deepEqual((await read()).config, { volumes: [{ id: 'main' }], budget: {} });
      const config = { volumes: [{ id: 'main', bytes: 50e9 }], budget: { continuous: { days: 30 } } };
      const change = (wish: object) => owner.send('PATCH', '/api/storage', { config: wish });
      assert.equal((await reply({ ok: true }, change(config))).status, 200);
      assert.deepEqual((await read()).config, config);
      const sent = world.link.sent.findLast(({ topic }) => topic === 'desired')!;
      assert.deepEqual((JSON.parse(sent.payload) as { body: { storage: object } }).body.storage, config);
      const error = { kind: 'invalid', message: 'More than 90 % of it', fix: 'Choose less.' };
      const big = { volumes: [{ id: 'main', bytes: 9e15 }], budget: {} };
      const refused = await reply({ ok: false, error }, change(big));
      assert.match(await expectError(refused, 400, 'invalid'), /More than 90 % of it/);
      for (const nonsense of [
        { volumes: [], budget: {} },
        { volumes: [{ id: 'main', bytes: 5 }], budget: {} },
        { volumes: [{ id: 'nas', folder: 'relative' }], budget: {} },
        { volumes: [{ id: 'main' }], budget: { continuous: { days: 3 }, thinAfterDays: 5 } },
        { volumes: [{ id: 'main', moveAfterDays: 3 }], budget: {} },
      ])
        await expectError(await change(nonsense), 400, 'invalid');
      assert.deepEqual((await read()).config, config, 'nothing of that has changed anything');
      const check = { ok: true, message: 'Fine', freeBytes: 5, totalBytes: 9 };
      const found = await reply(
        { ok: true, result: check },
        owner.send('POST', '/api/storage/check', { folder: '/mnt/a' }),
      );
      assert.deepEqual(await found.json(), check);
    });
    void test("a camera's own budget travels to its agent, is shown, and is taken away with null", async () => {
      const budget = { continuous: { days: 14 }, event: { bytes: 5e9 }, thinAfterDays: 7 };
      const patch = async (wish: unknown) => owner.send('PATCH', '/api/cameras/a', { budget: wish });
      assert.deepEqual(cameraSchema.parse(await (await patch(budget)).json()).budget, budget);
      const sent = world.link.sent.findLast(({ topic }) => topic === 'desired')!;
      const { cameras } = (JSON.parse(sent.payload) as { body: { cameras: { id: string; budget?: object }[] } }).body;
      assert.deepEqual(cameras.find(({ id }) => id === 'a')!.budget, budget);
      await expectError(await patch({ continuous: { days: 0 } }), 400, 'invalid');
      assert.equal(cameraSchema.parse(await (await patch(null)).json()).budget, undefined);
    });
    void test('how the disks are is shown as the agent told it last', async () => {
      const volume = {
        id: 'main',
        state: 'missing',
        sinceMs: 5,
        recording: true,
        usedBytes: 1,
        capBytes: 2,
        chosen: true,
      };
      const status = { volumes: [volume], days: 12.5, lostBeforeOffsite: 0, movingBytes: 0 };
      await say('report', { revision: 1, cameras: [], storage: status });
      await say('report', { revision: 1, cameras: [], storage: { nonsense: true } });
      const { agents } = storageListSchema.parse(await (await owner.send('GET', '/api/storage')).json());
      assert.deepEqual(agents[0]!.status, status);
    });
    void test('alarms are listed, acknowledged by name, and over when the agent says so', async () => {
      const alarm = { id: 'x1', kind: 'camera-down', severity: 'critical', cameraId: 'a', startMs: 1000 };
      const words = { message: 'Nothing answers.', fix: 'Switch it on.' };
      await say('alarm', { alarms: [{ ...alarm, ...words }], open: ['x1'] });
      await say('alarm', { nonsense: true });
      const list = async (query: string) =>
        alarmListSchema.parse(await (await owner.send('GET', `/api/alarms?${query}`)).json()).alarms;
      assert.deepEqual(await list('open=true'), [{ ...alarm, ...words, agentId: local }]);
      assert.deepEqual(await list('open=true&camera=b'), []);
      assert.deepEqual(await list('from=0&to=1000'), []);
      const seen = await owner.send('POST', '/api/alarms/x1/acknowledge', undefined, { origin: world.origin });
      assert.equal(alarmSchema.parse(await seen.json()).acknowledgedBy, person.name);
      await expectError(await owner.send('POST', '/api/alarms/x2/acknowledge'), 404, 'not-found');
      await expectError(await owner.send('GET', '/api/alarms?open=maybe'), 400, 'invalid');
      await say('alarm', { alarms: [], open: [] });
      assert.deepEqual(await list('open=true'), []);
      assert.deepEqual(
        (await list('camera=a')).map(({ endMs, acknowledgedBy }) => [endMs !== undefined, acknowledgedBy]),
        [[true, person.name]],
      );
    });
    void test('a question is answered when the answer comes in, wherever that is', async () => {
      world.link.sent.length = 0;
      const asked = owner.send('POST', '/api/cameras/test', { url: 'rtsp://h2/' }, { prefer: 'wait=10' });
      await answer();
      const response = await asked;
      assert.equal(response.status, 200);
      assert.equal(((await response.json()) as { message: string }).message, 'Works');
    });
    void test('who does not wait gets a command to look at, and only who asked may look', async () => {
      world.link.sent.length = 0;
      const wait = world.waits ? { prefer: 'wait=0' } : {};
      const response = await owner.send('POST', '/api/cameras/test', { url: 'rtsp://h3/' }, wait);
      assert.equal(response.status, 202);
      const path = response.headers.get('location')!;
      assert.equal(((await (await owner.send('GET', path)).json()) as { state: string }).state, 'waiting');
      await answer();
      const done = (await (await owner.send('GET', path)).json()) as { state: string; answer: { ok: boolean } };
      assert.deepEqual([done.state, done.answer.ok], ['done', true]);
      await expectError(await openVisitor(world).send('GET', path), 401, 'unauthenticated');
      await expectError(await owner.send('GET', '/api/commands/0123'), 404, 'not-found');
    });
    void test('removing with footage tells the agent, removing without does not', async () => {
      world.link.sent.length = 0;
      await owner.send('POST', '/api/cameras', { name: 'B', url: 'rtsp://hb/' });
      await owner.send('DELETE', '/api/cameras/b');
      assert.ok(!world.link.sent.some((one) => one.topic === 'command'));
      await owner.send('DELETE', '/api/cameras/a?footage=delete');
      const { verb, args } = await question();
      assert.equal(verb, 'forget-footage');
      assert.equal(args['camera'], 'a');
      assert.ok(Number(args['beforeMs']) > 0);
    });
  });
}

type Desired = { revision: number; cameras: { sealedCredentials: string }[] };
