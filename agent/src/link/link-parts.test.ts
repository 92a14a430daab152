import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openSealingKey, seal } from '@porchlight/base/secrets';
import { openTempFolder } from '@porchlight/base/testing';
import type { CameraReport } from '@porchlight/contract/agent';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { maxPayloadBytes } from '@porchlight/contract/topics';
import { openCommandRunner } from './command-runner.ts';
import { openDesiredState } from './desired-state.ts';
import type { DesiredState } from './link.ts';
import { openReporter } from './reporter.ts';

const agentId = agentIdSchema.parse('local');
const wrap = (body: object): Buffer => Buffer.from(JSON.stringify({ v: 1, id: 'm', atMs: 1, body }));
const camera = (id: string, more: object = {}) => ({
  ...{ id, name: id, sourceKind: 'rtsp', url: `rtsp://${id}/`, transport: 'auto', paused: false, createdMs: 1 },
  ...more,
});
const part = (revision: number, index: number, parts: number, cameras: object[]) =>
  wrap({ revision, part: index, parts, cameras, grantKeys: [] });

function openState(folder: string) {
  const heard: DesiredState[] = [];
  const log = openFakeLog();
  const sealingKey = openSealingKey(join(folder, 'k'));
  const onDesired = (state: DesiredState) => void heard.push(state);
  const state = openDesiredState({ folder, log, sealingKey, agentId: () => agentId, onDesired });
  return { heard, log, sealingKey, state };
}

test('a revision is applied when all its parts are here, in any order, once, and an older one never', () => {
  using folder = openTempFolder();
  const { heard, state } = openState(folder.path);
  state.take(part(5, 1, 2, [camera('b')]));
  assert.equal(heard.length, 0);
  state.take(part(4, 0, 2, [camera('old')]));
  state.take(part(5, 0, 2, [camera('a')]));
  assert.deepEqual(
    heard[0]!.cameras.map(({ id }) => id),
    ['a', 'b'],
  );
  state.take(part(5, 0, 1, []));
  state.take(part(4, 0, 1, []));
  assert.equal(heard.length, 1);
  state.take(part(6, 0, 2, []));
  state.take(part(7, 0, 1, []));
  assert.equal(heard.at(-1)!.revision, 7, 'a newer revision does not wait for the one before');
});

test('credentials that do not open lose their camera nothing but themselves', () => {
  using folder = openTempFolder();
  const { heard, state, sealingKey } = openState(folder.path);
  const other = openSealingKey(join(folder.path, 'other'));
  const secret = Buffer.from(JSON.stringify({ username: 'u', password: 'a b' }));
  state.take(
    part(1, 0, 1, [
      camera('a', { url: 'rtsp://a/?pwd={password}', sealedCredentials: seal(sealingKey.publicKey, secret) }),
      camera('b', { sealedCredentials: seal(other.publicKey, secret) }),
    ]),
  );
  const [a, b] = heard[0]!.cameras;
  assert.deepEqual([a!.url, a!.credentials?.password], ['rtsp://a/?pwd=a%20b', 'a b']);
  assert.deepEqual([b!.credentials, b!.credentialsLost], [undefined, true]);
});

test('a damaged desired.json and any bytes as a message are survived', () => {
  using folder = openTempFolder();
  writeFileSync(join(folder.path, 'desired.json'), '{"revision":');
  const { heard, state, log } = openState(folder.path);
  assert.match(log.lines[0]!.message, /damaged/);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => state.take(bytes)));
  assert.equal(heard.length, 0);
  state.take(part(1, 0, 1, []));
  assert.equal(heard.length, 1);
});

test('a command runs once however often it comes, is answered each time, and not after its time', async () => {
  const clock = openFakeClock();
  const answers: { ok?: boolean }[] = [];
  let runs = 0;
  const runner = openCommandRunner({
    clock,
    log: openFakeLog(),
    run: async () => void runs++,
    answer: (body) => void answers.push(body),
  });
  const command = (id: string, agent: string, expiresMs: number) =>
    wrap({ command: id, agent, verb: 'end-sessions', args: {}, expiresMs });
  const soon = clock.nowMs() + 1000;
  runner.take(agentId, command('one', 'local', soon));
  runner.take(agentId, command('one', 'local', soon));
  await clock.advance(1);
  runner.take(agentId, command('one', 'local', soon));
  assert.deepEqual([runs, answers.length, answers[1]!.ok], [1, 2, true]);
  runner.take(agentId, command('two', 'barn', soon));
  runner.take(agentId, command('three', 'local', clock.nowMs()));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => runner.take(agentId, bytes)));
  await clock.advance(1);
  assert.equal(runs, 1);
});

test('reports: all after a connect and every 10 s, changes at most once a second, messages never too long', async () => {
  const clock = openFakeClock();
  const sent: { cameras: CameraReport[] }[] = [];
  let reports: CameraReport[] = [];
  const report = (id: string, usedBytes: number, message = ''): CameraReport => ({
    id: cameraIdSchema.parse(id),
    state: { status: 'online', sinceMs: 1, message },
    streams: [],
    usedBytes,
  });
  const reporter = openReporter({
    clock,
    reports: () => reports,
    revision: () => 1,
    send: (body) => void sent.push(body as { cameras: CameraReport[] }),
  });
  reporter.report();
  assert.equal(sent.length, 0, 'nothing without a connection');
  reports = [report('a', 1), report('b', 1)];
  reporter.start();
  assert.equal(sent.at(-1)!.cameras.length, 2);
  reports = [report('a', 2), report('b', 1)];
  for (let round = 0; round < 5; round++) reporter.report();
  assert.equal(sent.length, 1);
  await clock.advance(1000);
  assert.deepEqual([sent.length, sent.at(-1)!.cameras.map(({ id }) => id)], [2, ['a']]);
  await clock.advance(9000);
  assert.deepEqual([sent.length, sent.at(-1)!.cameras.length], [3, 2]);
  reports = Array.from({ length: 400 }, (_, index) => report(`c${index}`, 1, 'x'.repeat(1000)));
  await clock.advance(10_000);
  assert.equal(sent.slice(3).flatMap(({ cameras }) => cameras).length, 400);
  for (const body of sent) assert.ok(JSON.stringify(body).length < maxPayloadBytes);
  reporter.stop();
  assert.equal(clock.pendingTimers, 0);
});
