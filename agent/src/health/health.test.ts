import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { agentAlarmSchema } from '@porchlight/contract/alarms';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { alarmRules, openHealth, type Health } from './index.ts';

const front = cameraIdSchema.parse('front');
const yard = cameraIdSchema.parse('yard');

type World = { health: Health; clock: FakeClock; changes: number; path: string; [Symbol.dispose](): void };

function open(clock = openFakeClock(), path?: string): World {
  const folder = openTempFolder();
  const file = path ?? join(folder.path, 'alarms.json');
  const world = {
    clock,
    changes: 0,
    path: file,
    health: openHealth({ clock, log: openFakeLog(), path: file, onChange: () => void world.changes++ }),
    [Symbol.dispose]() {
      world.health.close();
      folder[Symbol.dispose]();
    },
  };
  return world;
}

const down = { kind: 'camera-down', cameraId: front, ok: false } as const;

test('a camera that is down for long enough is an alarm from when it went down to when it came back', async () => {
  using world = open();
  const { health, clock } = world;
  const downMs = clock.nowMs();
  health.report({ ...down, message: 'Nothing answers at 192.168.1.20:554.', fix: 'Switch it on.' });
  await clock.advance(19_000);
  assert.equal(health.open.length, 0);
  await clock.advance(2_000);
  const [alarm] = health.open;
  assert.deepEqual(agentAlarmSchema.parse(alarm), alarm);
  const { id, ...facts } = alarm!;
  assert.deepEqual(facts, {
    kind: 'camera-down',
    severity: 'critical',
    cameraId: 'front',
    startMs: downMs,
    message: 'Nothing answers at 192.168.1.20:554.',
    fix: 'Switch it on.',
  });
  assert.equal(world.changes, 1);
  const upMs = clock.nowMs();
  health.report({ ...down, ok: true });
  await clock.advance(10_000);
  assert.equal(health.open.length, 1, 'not well for long enough');
  await clock.advance(6_000);
  assert.equal(health.open.length, 0);
  assert.deepEqual(health.ended, [{ ...alarm, id, endMs: upMs }]);
  await clock.advance(3_600_000);
  assert.deepEqual(health.ended, [], 'told for an hour');
});

test('a camera that comes and goes every few seconds is one alarm, and a reconnect of 5 s is none', async () => {
  using world = open();
  const { health, clock } = world;
  for (let round = 0; round < 60; round++) {
    health.report({ ...down });
    await clock.advance(6_000);
    health.report({ ...down, ok: true });
    await clock.advance(6_000);
  }
  assert.equal(health.open.length, 1);
  assert.equal(world.changes, 1);
  health.report({ kind: 'camera-down', cameraId: yard, ok: false });
  await clock.advance(5_000);
  health.report({ kind: 'camera-down', cameraId: yard, ok: true });
  await clock.advance(600_000);
  assert.equal(health.ended.filter(({ cameraId }) => cameraId === yard).length, 0);
});

test('down and stalled are one trouble: its kind is what it was when it was raised, its words are the newest', async () => {
  using world = open();
  const { health, clock } = world;
  health.report({ ...down });
  await clock.advance(10_000);
  health.report({ kind: 'camera-stalled', cameraId: front, ok: false });
  await clock.advance(15_000);
  assert.deepEqual(
    health.open.map(({ kind, message }) => [kind, message]),
    [['camera-stalled', alarmRules['camera-stalled'].message]],
  );
  health.report({ ...down, message: 'Nothing answers.' });
  await clock.advance(2_000);
  assert.deepEqual(
    health.open.map(({ kind, message }) => [kind, message]),
    [['camera-stalled', 'Nothing answers.']],
  );
  assert.equal(world.changes, 2);
  health.report({ ...down, message: 'Nothing answers.' });
  await clock.advance(2_000);
  assert.equal(world.changes, 2, 'the same words are no news');
});

test('figures that change in the words are no news', async () => {
  using world = open();
  const { health, clock } = world;
  for (let percent = 3; percent < 60; percent++) {
    health.report({ kind: 'damaged', cameraId: front, ok: false, message: `${percent},5 % of packets are lost.` });
    await clock.advance(1_000);
  }
  assert.equal(health.open.length, 1);
  assert.equal(world.changes, 1);
});

test('disk errors are single events: they fade when no more come', async () => {
  using world = open();
  const { health, clock } = world;
  for (let second = 0; second < 10; second++) {
    health.report({ kind: 'disk-full', part: 'archive', ok: false });
    await clock.advance(1_000);
  }
  assert.deepEqual(
    health.open.map(({ kind, part, severity }) => [kind, part, severity]),
    [['disk-full', 'archive', 'critical']],
  );
  await clock.advance(60_000);
  assert.equal(health.open.length, 0);
});

test('an alarm that stood when the agent ended goes on as the same alarm, and ends when all is well', async () => {
  using world = open();
  const { clock, path } = world;
  world.health.report({ ...down });
  await clock.advance(30_000);
  const [before] = world.health.open;
  world.health.close();
  const later = openFakeClock(clock.nowMs() + 5_000);
  using again = open(later, path);
  assert.deepEqual(again.health.open, [before]);
  again.health.report({ ...down, message: alarmRules['camera-down'].message });
  await later.advance(60_000);
  assert.deepEqual(again.health.open, [before]);
  assert.equal(again.changes, 0);
  again.health.report({ ...down, ok: true });
  await later.advance(20_000);
  assert.deepEqual(
    again.health.ended.map(({ id, startMs }) => [id, startMs]),
    [[before!.id, before!.startMs]],
  );
});

test('a damaged file of alarms counts as none', () => {
  using folder = openTempFolder();
  const path = join(folder.path, 'alarms.json');
  for (const text of ['', '{', '{"a":1}', '[1,{"id":"x"},null]']) {
    writeFileSync(path, text);
    using world = open(openFakeClock(), path);
    assert.deepEqual(world.health.open, []);
  }
});

test('alarms of a camera that was removed or paused end at once', async () => {
  using world = open();
  const { health, clock } = world;
  health.report({ ...down });
  health.report({ kind: 'clock-off', cameraId: yard, ok: false });
  await clock.advance(61_000);
  assert.equal(health.open.length, 2);
  health.keepCameras([yard]);
  assert.deepEqual(
    health.open.map(({ cameraId }) => cameraId),
    [yard],
  );
  health.forget({ cameraId: yard });
  assert.equal(health.open.length, 0);
  assert.equal(health.ended.length, 2);
});

test('every kind has words that say what is wrong and what to do', () => {
  for (const [kind, rule] of Object.entries(alarmRules)) {
    assert.ok(rule.message.length > 10 && rule.fix.length > 10, kind);
    assert.match(rule.message, /\.$/);
    assert.match(rule.fix, /\.$/);
  }
});

test('a wall clock set back never makes an alarm end before it began', async () => {
  using world = open();
  const { health, clock } = world;
  health.report({ ...down });
  await clock.advance(30_000);
  clock.stepWall(-3_000_000);
  health.report({ ...down, ok: true });
  await clock.advance(20_000);
  assert.equal(health.open.length, 0);
  clock.stepWall(3_000_000);
  const [alarm] = health.ended;
  assert.equal(alarm!.endMs, alarm!.startMs);
});
