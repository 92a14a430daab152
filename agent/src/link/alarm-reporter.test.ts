import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { agentAlarmSchema, alarmIdSchema, type AgentAlarm } from '@porchlight/contract/alarms';
import { maxPayloadBytes } from '@porchlight/contract/topics';
import { openAlarmReporter } from './alarm-reporter.ts';

type Body = { alarms: AgentAlarm[]; open: string[] };

const toAlarm = (id: string, more: Partial<AgentAlarm> = {}): AgentAlarm => ({
  ...{ id: alarmIdSchema.parse(id), kind: 'damaged', severity: 'warning', startMs: 1, message: 'm', fix: 'f' },
  ...more,
});

function open(alarms: { open: AgentAlarm[]; ended: AgentAlarm[] }) {
  const clock = openFakeClock();
  const sent: Body[] = [];
  const reporter = openAlarmReporter({ clock, alarms: () => alarms, send: (body) => sent.push(body as Body) });
  const told = (): string[][] => sent.splice(0).map((body) => [...body.alarms.map(({ id }) => id), '|', ...body.open]);
  return { clock, reporter, sent, told };
}

test('all is told after a connect and every minute, in between what changed, and nothing while there is no connection', async () => {
  const alarms = { open: [toAlarm('a')], ended: [toAlarm('e', { endMs: 2 })] };
  const { clock, reporter, told } = open(alarms);
  reporter.report();
  assert.deepEqual(told(), []);
  reporter.start();
  assert.deepEqual(told(), [['e', 'a', '|', 'a']]);
  await clock.advance(5_000);
  alarms.open = [toAlarm('a'), toAlarm('b')];
  reporter.report();
  assert.deepEqual(told(), [['b', '|', 'a', 'b']]);
  alarms.open = [toAlarm('b', { message: 'other words' })];
  alarms.ended = [toAlarm('e', { endMs: 2 }), toAlarm('a', { endMs: 3 })];
  reporter.report();
  reporter.report();
  assert.deepEqual(told(), [], 'at most once a second');
  await clock.advance(1_000);
  assert.deepEqual(told(), [['a', 'b', '|', 'b']]);
  await clock.advance(60_000);
  assert.deepEqual(told(), [['e', 'a', 'b', '|', 'b']]);
  reporter.stop();
  await clock.advance(120_000);
  assert.deepEqual(told(), []);
  assert.equal(clock.pendingTimers, 0);
});

test('when all is well that is told too: the hub ends what it still has', () => {
  const { reporter, sent } = open({ open: [], ended: [] });
  reporter.start();
  assert.deepEqual(sent, [{ alarms: [], open: [] }]);
  reporter.stop();
});

test('a thousand long alarms are divided so that each message fits', () => {
  const words = { message: 'ü'.repeat(250), fix: 'y'.repeat(500) };
  const alarms = Array.from({ length: 1000 }, (_unused, index) => toAlarm(`a${index}`.padEnd(63, 'x'), words));
  const { reporter, sent } = open({ open: alarms, ended: [] });
  reporter.start();
  assert.ok(sent.length > 1);
  for (const body of sent) {
    assert.ok(Buffer.byteLength(JSON.stringify({ v: 1, id: 'x'.repeat(36), atMs: 1e13, body })) <= maxPayloadBytes);
    for (const alarm of body.alarms) agentAlarmSchema.parse(alarm);
    assert.equal(body.open.length, 1000);
  }
  assert.equal(sent.flatMap((body) => body.alarms).length, 1000);
  reporter.stop();
});
