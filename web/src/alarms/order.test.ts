import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentIdSchema } from '@porchlight/contract/ids';
import { alarmIdSchema, type Alarm } from '@porchlight/contract/alarms';
import { byUrgency, isUnseen, worstOf } from './order.ts';

const alarm = (id: string, more: Partial<Alarm> = {}): Alarm => ({
  ...{ id: alarmIdSchema.parse(id), agentId: agentIdSchema.parse('local'), kind: 'damaged', severity: 'warning' },
  ...{ startMs: 1, message: 'm', fix: 'f', ...more },
});

test('unseen alarms come first, critical ones before warnings, then the newest', () => {
  const list = [
    alarm('seen', { acknowledgedMs: 5, severity: 'critical' }),
    alarm('old'),
    alarm('new', { startMs: 9 }),
    alarm('bad', { severity: 'critical' }),
  ];
  assert.deepEqual(
    list.toSorted(byUrgency).map(({ id }) => id),
    ['bad', 'new', 'old', 'seen'],
  );
});

test('what has ended or was seen rings no bell, and one critical alarm makes the whole critical', () => {
  assert.deepEqual([alarm('a'), alarm('b', { endMs: 2 }), alarm('c', { acknowledgedMs: 2 })].map(isUnseen), [
    true,
    false,
    false,
  ]);
  assert.equal(worstOf([]), undefined);
  assert.equal(worstOf([alarm('a')]), 'warning');
  assert.equal(worstOf([alarm('a'), alarm('b', { severity: 'critical' })]), 'critical');
});
