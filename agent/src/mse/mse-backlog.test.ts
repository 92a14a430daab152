import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openFakeClock } from '@porchlight/base/clock';
import type { CodedFrame } from '@porchlight/media/frame';
import { openBacklog } from './mse-backlog.ts';

const frame = (key: boolean): CodedFrame => ({
  kind: 'video',
  track: 0,
  ptsTicks: 0,
  key,
  reference: true,
  nalUnits: [],
  sizeBytes: 0,
  packetsLost: 0,
});

function open() {
  const clock = openFakeClock();
  const socket = { bufferedAmount: 0 };
  return { clock, socket, backlog: openBacklog(socket, clock) };
}

describe('the backlog of a page', () => {
  it('drops to the next key frame when bytes have waited for two seconds', async () => {
    const { clock, socket, backlog } = open();
    backlog.add(1000);
    socket.bufferedAmount = 1000;
    await clock.advance(2000);
    assert.equal(backlog.admit(frame(false)), 'send');
    await clock.advance(1);
    assert.equal(backlog.admit(frame(false)), 'drop');
    assert.equal(backlog.admit(frame(true)), 'drop');
    socket.bufferedAmount = 0;
    assert.equal(backlog.admit(frame(false)), 'drop');
    assert.equal(backlog.admit(frame(true)), 'resume');
    assert.equal(backlog.admit(frame(false)), 'send');
    assert.deepEqual([backlog.drops, backlog.framesDropped], [1, 3]);
  });

  it('drops when more than 4 MiB wait, but lets a large replay through', async () => {
    const { clock, socket, backlog } = open();
    backlog.add(6_000_000);
    socket.bufferedAmount = 6_000_000;
    assert.equal(backlog.admit(frame(false)), 'send');
    await clock.advance(300);
    assert.equal(backlog.admit(frame(false)), 'drop');
  });

  it('counts bytes that have left, however many wait behind them', async () => {
    const { clock, socket, backlog } = open();
    for (let second = 0; second < 10; second++) {
      backlog.add(1000);
      socket.bufferedAmount = 1000;
      assert.equal(backlog.admit(frame(false)), 'send');
      await clock.advance(1000);
    }
    assert.equal(backlog.drops, 0);
  });

  it('forgets that it was dropping when new tracks begin', async () => {
    const { clock, socket, backlog } = open();
    backlog.add(1000);
    socket.bufferedAmount = 1000;
    await clock.advance(3000);
    assert.equal(backlog.admit(frame(false)), 'drop');
    socket.bufferedAmount = 0;
    backlog.restart();
    assert.equal(backlog.admit(frame(true)), 'send');
  });
});
