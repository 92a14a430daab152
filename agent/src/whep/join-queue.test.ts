import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import { openJoinQueue } from './join-queue.ts';

const open = () => {
  const clock = openFakeClock();
  return { clock, queue: openJoinQueue({ places: 2, waiting: 2, waitMs: 1000, clock }) };
};

describe('the queue of joining viewers', () => {
  it('lets so many in at once and the next one when one leaves, however often it says so', async () => {
    const { queue } = open();
    const first = (await queue.enter())!;
    await queue.enter();
    const order: string[] = [];
    const third = queue.enter().then((leave) => (order.push('third'), leave));
    const fourth = queue.enter().then((leave) => (order.push('fourth'), leave));
    first();
    first();
    const leaveThird = await third;
    assert.deepEqual(order, ['third']);
    leaveThird!();
    assert.ok(await fourth);
  });

  it('turns away who finds too many waiting, and who has waited too long', async () => {
    const { clock, queue } = open();
    const leave = (await queue.enter())!;
    await queue.enter();
    const patient = [queue.enter(), queue.enter()];
    assert.equal(await queue.enter(), undefined);
    await clock.advance(1000);
    assert.deepEqual(await Promise.all(patient), [undefined, undefined]);
    leave();
    assert.ok(await queue.enter());
    assert.equal(clock.pendingTimers, 0);
  });
});
