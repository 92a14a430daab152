import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openLeases, type LeaseEnd } from './leases.ts';

const front = cameraIdSchema.parse('front');
const back = cameraIdSchema.parse('back');

describe('leases', () => {
  const open = () => {
    const leases = openLeases({ caps: { perCamera: 2, perProcess: 3 }, clock: openFakeClock() });
    const ends: [string, LeaseEnd][] = [];
    const take = (camera: typeof front, sid: string) =>
      leases.open({ kind: 'mse', camera, stream: 'main', sid }, (why, lease) => void ends.push([lease.sid, why]));
    return { leases, ends, take };
  };

  it('are capped for each camera and for the process', () => {
    const { take } = open();
    assert.ok(take(front, 'a') && take(front, 'b'));
    assert.equal(take(front, 'c'), undefined);
    assert.ok(take(back, 'd'));
    assert.equal(take(back, 'e'), undefined);
  });

  it('end once, for the first reason, and only for whom they belong to', () => {
    const { leases, ends, take } = open();
    const { id } = take(front, 'a')!;
    assert.equal(leases.end(id, 'closed-by-viewer', 'b'), false);
    assert.ok(leases.has(id));
    assert.equal(leases.end(id, 'viewer-gone'), true);
    assert.equal(leases.end(id, 'shutdown'), false);
    assert.deepEqual(ends, [['a', 'viewer-gone']]);
  });

  it('end with their session, all of them, and no others', () => {
    const { leases, ends, take } = open();
    take(front, 'a');
    take(back, 'a');
    take(front, 'b');
    assert.equal(leases.endSessions(['a', 'x']), 2);
    assert.deepEqual(
      leases.list().map(({ sid }) => sid),
      ['b'],
    );
    leases.endAll('shutdown');
    assert.deepEqual(ends, [
      ['a', 'session-ended'],
      ['a', 'session-ended'],
      ['b', 'shutdown'],
    ]);
  });
});
