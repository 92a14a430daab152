import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { Change } from '@porchlight/contract/changes';
import { agentIdSchema, cameraIdSchema } from '@porchlight/contract/ids';
import { openAlarms } from '#alarms';
import { openMemoryStore } from '#store';
import { openAgentInbox, openCommands, openFakeAgentLink } from './index.ts';

const agent = agentIdSchema.parse('local');
const yard = cameraIdSchema.parse('yard');

test('pages hear of an event when it begins and when it grows, and not again while nothing has changed', async () => {
  const [store, link, clock, log] = [openMemoryStore(), openFakeAgentLink(), openFakeClock(), openFakeLog()];
  const changes: Change[] = [];
  const onChange = (change: Change): void => void changes.push(change);
  const commands = openCommands({ store, link, clock, answers: 'polled' });
  const alarms = openAlarms({ store, clock, onChange });
  const witness = { take: () => Promise.resolve({ trouble: 'nobody shows anything here' }) };
  const onHello = (): Promise<void> => Promise.resolve();
  const inbox = openAgentInbox({ store, link, clock, log, commands, alarms, witness, onChange, onHello });
  await store.addCamera({
    ...{ id: yard, agentId: agent, name: 'Yard', sourceKind: 'rtsp', url: 'rtsp://h/', transport: 'auto' },
    ...{ paused: false, createdMs: 1, createdBy: 'u', version: 1 },
  });
  const say = async (lastEvent?: { id: string; toMs: number; triggers: number }): Promise<string[]> => {
    changes.length = 0;
    await clock.advance(1000);
    const report = { id: yard, state: { status: 'online', sinceMs: 1 }, streams: [], usedBytes: 1, lastEvent };
    const message = { v: 1, id: 'm', atMs: clock.nowMs(), body: { revision: 1, cameras: [report] } };
    await inbox.receive(agent, 'report', Buffer.from(JSON.stringify(message)));
    return changes.map(({ topic }) => topic);
  };
  assert.deepEqual(await say(), ['camera']);
  assert.deepEqual(await say({ id: 'e1', toMs: 5000, triggers: 1 }), ['events', 'camera']);
  assert.deepEqual(await say({ id: 'e1', toMs: 5000, triggers: 1 }), ['camera']);
  assert.deepEqual(await say({ id: 'e1', toMs: 9000, triggers: 2 }), ['events', 'camera']);
  assert.deepEqual(await say({ id: 'e2', toMs: 90_000, triggers: 1 }), ['events', 'camera']);
});
