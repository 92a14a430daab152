import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { alarmIdSchema, type AgentAlarm } from '@porchlight/contract/alarms';
import type { Change } from '@porchlight/contract/changes';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { openMemoryStore, type Store } from '#store';
import { openAgentWatch, openAlarms, type Alarms } from './index.ts';

const local = agentIdSchema.parse('local');
const barn = agentIdSchema.parse('barn');
const front = cameraIdSchema.parse('front');

type World = { store: Store; clock: FakeClock; alarms: Alarms; changes: Change[] };

async function open(): Promise<World> {
  const store = openMemoryStore();
  const clock = openFakeClock();
  const changes: Change[] = [];
  const row = { name: 'Front', sourceKind: 'rtsp', url: 'rtsp://h/', transport: 'auto', paused: false } as const;
  await store.addCamera({ ...row, id: front, agentId: local, createdMs: 1, createdBy: 'u', version: 1 });
  return { store, clock, changes, alarms: openAlarms({ store, clock, onChange: (change) => changes.push(change) }) };
}

const said = (id: string, more: Partial<AgentAlarm> = {}): AgentAlarm => ({
  id: alarmIdSchema.parse(id),
  kind: 'camera-down',
  severity: 'critical',
  cameraId: front,
  startMs: 1_000,
  message: 'It sends nothing.',
  fix: 'Switch it on.',
  ...more,
});
const idsOf = (alarms: readonly Pick<AgentAlarm, 'id'>[]): AgentAlarm['id'][] => alarms.map(({ id }) => id);

test('what an agent says of its own cameras is kept, once, and told to the pages', async () => {
  const { alarms, changes } = await open();
  const one = said('a1');
  assert.equal(await alarms.take(local, { alarms: [one], open: [one.id] }), undefined);
  await alarms.take(local, { alarms: [one], open: [one.id] });
  assert.deepEqual(changes, [{ topic: 'alarms' }]);
  const { alarms: listed, more } = await alarms.list({ open: true });
  assert.deepEqual([listed, more], [[{ ...one, agentId: local }], false]);
});

test('an agent cannot speak of cameras that are not its own, nor end what another one said', async () => {
  const { alarms } = await open();
  const one = said('a1');
  await alarms.take(local, { alarms: [one], open: [one.id] });
  await alarms.take(barn, { alarms: [said('b1'), said('a1', { message: 'changed' })], open: [] });
  const { alarms: listed } = await alarms.list({});
  assert.deepEqual(listed, [{ ...one, agentId: local }]);
});

test('what an agent no longer names as open is over, also when the word of its end was lost', async () => {
  const { alarms, clock } = await open();
  const { cameraId: _cameraId, ...whole } = said('a2', { kind: 'disk-full', part: 'archive' });
  const all = [said('a1'), whole];
  await alarms.take(local, { alarms: all, open: idsOf(all) });
  await clock.advance(60_000);
  await alarms.take(local, { alarms: [], open: [all[1]!.id] });
  const { alarms: listed } = await alarms.list({ open: true });
  assert.deepEqual(idsOf(listed), ['a2']);
  const ended = (await alarms.list({ cameraId: front })).alarms[0];
  assert.equal(ended?.endMs, clock.nowMs());
});

test('one bad alarm does not hide the others, and times that are not yet are brought back to now', async () => {
  const { alarms, clock } = await open();
  const late = said('a1', { startMs: clock.nowMs() + 1e9, endMs: clock.nowMs() + 2e9 });
  const trouble = await alarms.take(local, {
    alarms: [{ id: 'X' }, 7, said('a3', { message: 'x'.repeat(501) }), late],
    open: [],
  });
  assert.match(trouble ?? '', /^alarms: /);
  const [kept] = (await alarms.list({})).alarms;
  assert.deepEqual([kept?.startMs, kept?.endMs], [clock.nowMs(), clock.nowMs()]);
});

test('a removed camera has no alarm that stands', async () => {
  const { alarms } = await open();
  await alarms.take(local, { alarms: [said('a1')], open: [said('a1').id] });
  await alarms.endOfCamera(front);
  assert.deepEqual((await alarms.list({ open: true })).alarms, []);
});

async function openWatched() {
  const world = await open();
  const watch = openAgentWatch({ ...world, log: openFakeLog() });
  const listOpen = async () => (await world.alarms.list({ open: true })).alarms;
  return { ...world, watch, listOpen };
}

test('an agent that is gone is an alarm within 10 s, one that comes back in time is none', async () => {
  const { store, clock, watch, listOpen } = await openWatched();
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  for (let second = 0; second < 30; second++) {
    watch.heard(local, clock.nowMs());
    await clock.advance(1_000);
  }
  await store.setPresence(local, { online: false, atMs: clock.nowMs() });
  await clock.advance(4_000);
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  watch.heard(local, clock.nowMs());
  await clock.advance(10_000);
  assert.equal((await listOpen()).length, 0, 'a restart of 4 s');
  const goneMs = clock.nowMs();
  await store.setPresence(local, { online: false, atMs: goneMs });
  await clock.advance(10_000);
  const [alarm] = await listOpen();
  assert.deepEqual([alarm?.kind, alarm?.agentId, alarm?.severity], ['agent-silent', local, 'critical']);
  assert.ok(alarm!.startMs - goneMs <= 1_000);
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  watch.heard(local, clock.nowMs());
  await clock.advance(7_000);
  assert.equal((await listOpen()).length, 0);
  watch.close();
});

test('an agent that is connected and says nothing is silent too', async () => {
  const { store, clock, watch, listOpen } = await openWatched();
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  watch.heard(local, clock.nowMs());
  await clock.advance(29_000);
  assert.equal((await listOpen()).length, 0);
  await clock.advance(11_000);
  assert.deepEqual(
    (await listOpen()).map(({ kind }) => kind),
    ['agent-silent'],
  );
  watch.close();
});

test('agents get a moment after the hub’s start, and an alarm that stood then goes on as the same', async () => {
  const { store, clock, alarms, watch, listOpen } = await openWatched();
  await store.setPresence(local, { online: false, atMs: clock.nowMs() });
  await clock.advance(9_000);
  assert.equal((await listOpen()).length, 0);
  await clock.advance(20_000);
  const [before] = await listOpen();
  watch.close();
  const again = openAgentWatch({ store, alarms, clock, log: openFakeLog() });
  await clock.advance(60_000);
  assert.deepEqual(await listOpen(), [before]);
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  again.heard(local, clock.nowMs());
  await clock.advance(10_000);
  assert.equal((await listOpen()).length, 0);
  again.close();
});

test('an agent whose clock is not the hub’s is said after a minute', async () => {
  const { store, clock, watch, listOpen } = await openWatched();
  await store.setPresence(local, { online: true, atMs: clock.nowMs() });
  const tell = async (offMs: number, seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second++) {
      watch.heard(local, clock.nowMs() + offMs);
      await clock.advance(1_000);
    }
  };
  await tell(2_000, 120);
  assert.equal((await listOpen()).length, 0);
  await tell(-8_000, 75);
  assert.deepEqual(
    (await listOpen()).map(({ kind, severity }) => [kind, severity]),
    [['agent-clock', 'warning']],
  );
  await tell(0, 75);
  assert.equal((await listOpen()).length, 0);
  watch.close();
});
