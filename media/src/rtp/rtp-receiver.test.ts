import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openRtpReceiver, writeRtpPacket, type RtpReceiver, type RtpReceiverOptions } from './index.ts';

type Event = string;

function open(options: Partial<RtpReceiverOptions> = {}): { receiver: RtpReceiver; events: Event[] } {
  const events: Event[] = [];
  const receiver = openRtpReceiver({
    clockRateHz: 90_000,
    reorder: 'none',
    onPayload: (payload, ptsTicks, marker) => events.push(`${payload[0]}@${ptsTicks}${marker ? 'M' : ''}`),
    onLost: (packets) => events.push(`lost ${packets}`),
    onRestart: () => events.push('restart'),
    ...options,
  });
  return { receiver, events };
}

const udp = { reorder: { maxPackets: 8, maxDelayMs: 50 } };

function packet(
  sequence: number,
  timestamp = 3_000_000,
  fields: { ssrc?: number; marker?: boolean; byte?: number } = {},
) {
  const { ssrc = 7, marker = false, byte = sequence & 0xff } = fields;
  return writeRtpPacket({ payloadType: 96, marker, sequence, timestamp, ssrc }, Uint8Array.of(byte, 1, 2));
}

test('the payload is a view behind CSRCs and extension, without padding', () => {
  const payloads: Uint8Array[] = [];
  const { receiver } = open({ onPayload: (payload) => payloads.push(payload) });
  const head = [0x80 | 0x20 | 0x10 | 2, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7];
  const bytes = Uint8Array.from([
    ...head,
    ...new Array<number>(8).fill(9),
    0xbe,
    0xde,
    0,
    1,
    1,
    2,
    3,
    4,
    0xaa,
    0xbb,
    0,
    0,
    3,
  ]);
  const copy = bytes.slice();
  receiver.push(bytes, 0);
  assert.deepEqual(payloads, [Uint8Array.of(0xaa, 0xbb)]);
  assert.equal(payloads[0]!.buffer, bytes.buffer);
  assert.deepEqual(bytes, copy);
});

test('what is no RTP packet is counted and left out', () => {
  const { receiver, events } = open({ payloadTypes: [96] });
  const broken = [
    new Uint8Array(0),
    Uint8Array.of(0x80, 96),
    new Uint8Array(12),
    Uint8Array.of(0x8f, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    Uint8Array.of(0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff),
    Uint8Array.of(0xa0, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 200),
    Uint8Array.of(0x80, 97, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
  ];
  for (const bytes of broken) receiver.push(bytes, 0);
  assert.deepEqual(events, []);
  assert.equal(receiver.stats().packetsMalformed, broken.length);
  assert.equal(receiver.ssrc, undefined);
});

test('32-bit timestamps grow over the wrap and step back a little for B pictures', () => {
  const { receiver, events } = open();
  for (const [index, timestamp] of [2 ** 32 - 3000, 2 ** 32 - 9000, 0, 2 ** 32 - 6000, 9000].entries()) {
    receiver.push(packet(index, timestamp, { byte: 0 }), 0);
  }
  const first = 2 ** 32 - 3000;
  assert.deepEqual(
    events,
    [0, -6000, 3000, -3000, 12_000].map((offset) => `0@${first + offset}`),
  );
  assert.equal(receiver.toTicks(9000 + 90_000), first + 12_000 + 90_000);
});

test('ticks are never negative, even when the first timestamps are near zero', () => {
  const { receiver, events } = open();
  receiver.push(packet(1, 100, { byte: 0 }), 0);
  receiver.push(packet(2, 2 ** 32 - 5900, { byte: 0 }), 0);
  assert.deepEqual(events, [`0@${2 ** 32 + 100}`, `0@${2 ** 32 - 5900}`]);
});

test('sequence numbers wrap, gaps are told before the packet behind them, old packets are left out', () => {
  const { receiver, events } = open();
  for (const sequence of [65_534, 65_535, 0, 3, 3, 2, 4]) receiver.push(packet(sequence, 1e6), 0);
  assert.deepEqual(events, ['254@1000000', '255@1000000', '0@1000000', 'lost 2', '3@1000000', '4@1000000']);
  const { packetsLost, packetsDuplicate, packetsLate } = receiver.stats();
  assert.deepEqual([packetsLost, packetsDuplicate, packetsLate], [2, 1, 1]);
});

test('over UDP packets wait for an earlier one and come out in order', () => {
  const { receiver, events } = open(udp);
  for (const sequence of [1, 3, 4, 2, 5, 5, 4]) receiver.push(packet(sequence, 1e6), 0);
  assert.deepEqual(
    events,
    [1, 2, 3, 4, 5].map((sequence) => `${sequence}@1000000`),
  );
  assert.equal(receiver.stats().packetsLost, 0);
});

test('over UDP a missing packet is given up after the time or when too many wait', () => {
  const { receiver, events } = open(udp);
  receiver.push(packet(1, 1e6), 0);
  receiver.push(packet(3, 1e6), 10);
  receiver.tick(59);
  assert.deepEqual(events, ['1@1000000']);
  receiver.tick(60);
  assert.deepEqual(events.slice(1), ['lost 1', '3@1000000']);
  for (let sequence = 5; sequence < 13; sequence++) receiver.push(packet(sequence, 1e6), 61);
  assert.equal(events.length, 3 + 9);
  assert.equal(events[3], 'lost 1');
  receiver.push(packet(2, 1e6), 62);
  assert.equal(receiver.stats().packetsLate, 1);
});

test('over UDP a gap wider than the window is given up at once', () => {
  const { receiver, events } = open(udp);
  for (const sequence of [1, 3, 500, 501]) receiver.push(packet(sequence, 1e6), 0);
  assert.deepEqual(events, ['1@1000000', 'lost 1', '3@1000000', 'lost 496', '244@1000000', '245@1000000']);
});

test('a new SSRC starts sequence and clock anew while ticks go on growing by elapsed time', () => {
  const { receiver, events } = open();
  receiver.push(packet(1, 1e6), 1000);
  receiver.push(packet(40_000, 5, { ssrc: 8 }), 1040);
  receiver.push(packet(40_001, 3605, { ssrc: 8 }), 1080);
  assert.deepEqual(events, ['1@1000000', 'restart', '64@1003600', '65@1007200']);
  assert.equal(receiver.ssrc, 8);
  assert.equal(receiver.stats().packetsLost, 0);
});

test('over UDP one stray packet of another sender changes nothing, two in sequence do', () => {
  const { receiver, events } = open(udp);
  receiver.push(packet(1, 1e6), 0);
  receiver.push(packet(9, 5, { ssrc: 8 }), 1);
  receiver.push(packet(2, 1e6), 2);
  assert.deepEqual(events, ['1@1000000', '2@1000000']);
  receiver.push(packet(20, 5, { ssrc: 8 }), 3);
  receiver.push(packet(21, 5, { ssrc: 8 }), 3);
  assert.deepEqual(events.slice(2, 3), ['restart']);
  assert.deepEqual(
    events.slice(3).map((event) => event.split('@')[0]),
    ['20', '21'],
  );
});

test('a jump of thousands of sequence numbers is a restart, not a loss', () => {
  const { receiver, events } = open();
  receiver.push(packet(1, 1e6), 0);
  receiver.push(packet(30_001, 1e6), 0);
  assert.deepEqual(
    events.map((event) => event.split('@')[0]),
    ['1', 'restart', '49'],
  );
  assert.equal(receiver.stats().packetsLost, 0);
});

test('jitter and loss are those of RFC 3550 A.8 and A.3', () => {
  const { receiver } = open();
  let jitter = 0;
  let before: number | undefined;
  const arrivals = [0, 40, 85, 120, 160, 240, 241];
  arrivals.forEach((arrivalMs, index) => {
    receiver.push(packet(index < 4 ? index : index + 2, index * 3600), arrivalMs);
    const transit = arrivalMs * 90 - index * 3600;
    if (before !== undefined) jitter += (Math.abs(transit - before) - jitter) / 16;
    before = transit;
  });
  receiver.onSenderReport(0x12345678, 200);
  const report = receiver.report(700);
  assert.deepEqual(report, {
    ssrc: 7,
    fractionLost: Math.floor((2 * 256) / 9),
    packetsLost: 2,
    highestSequence: 8,
    jitterTicks: Math.floor(jitter),
    lastSenderReport: 0x12345678,
    delaySinceLastSenderReport: 32_768,
  });
  receiver.push(packet(9, 1e6), 800);
  assert.equal(receiver.report(900)?.fractionLost, 0, 'only what was lost since the last report');
});

test('any order, loss and doubling within the window delivers each packet once, in order', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65_535 }),
      fc.array(fc.record({ late: fc.integer({ min: 0, max: 5 }), copies: fc.constantFrom(0, 1, 1, 1, 2) }), {
        minLength: 2,
        maxLength: 200,
      }),
      (start, plan) => {
        const delivered: number[] = [];
        let lost = 0;
        const { receiver } = open({
          reorder: { maxPackets: 32, maxDelayMs: 1e9 },
          onPayload: (payload) => delivered.push((payload[0]! << 8) | payload[1]!),
          onLost: (packets) => (lost += packets),
        });
        const sent = plan
          .flatMap(({ late, copies }, index) =>
            new Array<{ index: number; at: number }>(index === 0 ? 1 : copies).fill({
              index,
              at: index + (index === 0 ? 0 : late),
            }),
          )
          .toSorted((a, b) => a.at - b.at);
        for (const { index } of sent) {
          const sequence = (start + index) & 0xffff;
          const fields = { payloadType: 96, marker: false, sequence, timestamp: 0, ssrc: 1 };
          receiver.push(writeRtpPacket(fields, Uint8Array.of(index >> 8, index)), 0);
        }
        receiver.flush();
        const expected = [...new Set(sent.map(({ index }) => index))].toSorted((a, b) => a - b);
        assert.deepEqual(delivered, expected);
        assert.equal(lost, expected.at(-1)! + 1 - expected.length);
      },
    ),
    { numRuns: 300 },
  );
});

test('any bytes are taken without an exception and stay unchanged', () => {
  const rtp = fc
    .tuple(fc.constant(0x80), fc.uint8Array({ minLength: 11, maxLength: 40 }))
    .map(([first, rest]) => Uint8Array.of(first, ...rest));
  fc.assert(
    fc.property(
      fc.array(fc.oneof(rtp, fc.uint8Array({ maxLength: 40 })), { maxLength: 60 }),
      fc.boolean(),
      (packets, overUdp) => {
        const { receiver } = open(overUdp ? udp : {});
        const copies = packets.map((bytes) => bytes.slice());
        for (const bytes of copies) receiver.push(bytes, 0);
        receiver.flush();
        assert.ok(receiver.report(0) === undefined || receiver.ssrc !== undefined);
        assert.deepEqual(copies, packets);
      },
    ),
    { numRuns: 500 },
  );
});
