import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openPacketRing, type RtpUnit } from './packet-ring.ts';
import type { RtpFields } from './peer.ts';
import { openSendLine } from './send-line.ts';

const unit = (timestamp: number, atMs = 0): RtpUnit => ({ payload: Buffer.alloc(10), timestamp, marker: true, atMs });

function open(firstSequenceNumber: number) {
  const ring = openPacketRing();
  const sent: RtpFields[] = [];
  const peer = { sendRtp: (fields: RtpFields) => void sent.push(fields) };
  const line = openSendLine({ ring, peer, payloadType: 96, ssrc: 5, firstSequenceNumber });
  return { ring, sent, line };
}

describe('the packet ring', () => {
  it('keeps the current group however old, and two seconds or 4096 packets before it', () => {
    const ring = openPacketRing();
    ring.push(unit(0, 0), true);
    for (let index = 1; index < 100; index++) ring.push(unit(index, index * 100), false);
    assert.deepEqual([ring.first, ring.next, ring.groupStart], [0, 100, 0]);
    ring.push(unit(100, 10_000), true);
    assert.deepEqual([ring.first, ring.groupStart], [80, 100]);
    for (let index = 0; index < 5000; index++) ring.push(unit(index, 10_000), index === 4999);
    assert.equal(ring.next - ring.first, 4096);
    assert.equal(ring.get(ring.first - 1), undefined);
    assert.equal(ring.get(ring.next), undefined);
  });

  it('gives up a group that is too large, and stays bounded', () => {
    const ring = openPacketRing();
    ring.push(unit(0), true);
    for (let index = 1; index < 40_000; index++) ring.push(unit(index), false);
    assert.equal(ring.groupStart, undefined);
    assert.equal(ring.next - ring.first, 4096);
    assert.equal(ring.get(39_999)?.timestamp, 39_999);
  });
});

describe('a line to one viewer', () => {
  it('answers a NACK with the very packet of that number, once in a while', () => {
    const { ring, sent, line } = open(100);
    for (let index = 0; index < 20; index++) ring.push(unit(index), index === 0);
    line.startAt(0, 0);
    line.pump(Infinity);
    assert.deepEqual(sent.map(({ sequenceNumber }) => sequenceNumber).slice(0, 3), [100, 101, 102]);
    sent.length = 0;
    line.resend([105, 99, 120, 4000, 65_535], 10);
    assert.deepEqual(
      sent.map(({ sequenceNumber, timestamp }) => [sequenceNumber, timestamp]),
      [[105, 5]],
    );
    line.resend([105], 12);
    assert.equal(sent.length, 1);
    line.resend([105], 40);
    assert.equal(sent.length, 2);
    assert.deepEqual([line.stats.packetsResent, line.stats.nacksIgnored], [2, 5]);
  });

  it('sends nothing again that is older than two seconds', () => {
    const { ring, sent, line } = open(100);
    ring.push(unit(0, 0), true);
    line.startAt(0, 1000);
    line.pump(Infinity);
    line.resend([100], 2900);
    line.resend([100], 3100);
    assert.equal(sent.length, 2);
  });

  it('sends nothing again across a wrap of the numbers, nor the number 0', () => {
    const { ring, sent, line } = open(65_530);
    for (let index = 0; index < 12; index++) ring.push(unit(index), index === 0);
    line.startAt(0, 0);
    line.pump(Infinity);
    assert.deepEqual(sent.map(({ sequenceNumber }) => sequenceNumber).slice(4, 9), [65_534, 65_535, 0, 1, 2]);
    sent.length = 0;
    line.resend([65_533, 0, 1], 5);
    assert.deepEqual(
      sent.map(({ sequenceNumber }) => sequenceNumber),
      [1],
    );
  });

  it('does not let a viewer ask for more than it may', () => {
    const { ring, sent, line } = open(1);
    for (let index = 0; index < 3000; index++) ring.push(unit(index), index === 0);
    line.startAt(0, 0);
    line.pump(Infinity);
    sent.length = 0;
    line.resend(
      Array.from({ length: 3000 }, (_, index) => index + 1),
      5,
    );
    assert.ok(sent.length <= 400);
  });

  it('that was overtaken goes on at the current group without a gap in its numbers', () => {
    const { ring, sent, line } = open(10);
    for (let index = 0; index < 10; index++) ring.push(unit(index), index === 0);
    line.startAt(0, 0);
    line.pump(4);
    for (let index = 10; index < 6000; index++) ring.push(unit(index, 5000), index === 5990);
    line.pump(Infinity);
    const numbers = sent.map(({ sequenceNumber }) => sequenceNumber);
    assert.deepEqual(
      numbers,
      Array.from({ length: 14 }, (_, index) => index + 10),
    );
    assert.equal(sent[4]!.timestamp, 5990);
    assert.ok(line.isLevel);
    sent.length = 0;
    line.resend([12], 5001);
    assert.equal(sent.length, 0);
  });
});
