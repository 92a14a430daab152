import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '#frame';
import { isRtcp, parseRtcp, writeRtcp, type RtcpPacketToWrite } from './index.ts';

const report = {
  ssrc: 0xfedcba98,
  fractionLost: 12,
  packetsLost: -3,
  highestSequence: 0x1_2345,
  jitterTicks: 99,
  lastSenderReport: 0x89abcdef,
  delaySinceLastSenderReport: 65_536,
};
const compound: RtcpPacketToWrite[] = [
  {
    kind: 'sender-report',
    ssrc: 1,
    ntpMs: Date.UTC(2026, 10, 20, 12, 0, 0, 250),
    rtpTimestamp: 0xffff_ffff,
    packetCount: 5,
    octetCount: 6,
    reports: [report],
  },
  { kind: 'receiver-report', ssrc: 2, reports: [report, report] },
  { kind: 'source-description', ssrc: 1, cname: 'cämera@house' },
  { kind: 'goodbye', ssrcs: [1, 2], reason: 'rebooting' },
  { kind: 'picture-loss', ssrc: 2, mediaSsrc: 1 },
  { kind: 'full-intra-request', ssrc: 2, mediaSsrc: 1, sequence: 7 },
  { kind: 'nack', ssrc: 2, mediaSsrc: 1, sequenceNumbers: [65_530, 65_535, 3, 40] },
];

test('every kind of packet is parsed as it was written', () => {
  const bytes = writeRtcp(compound);
  assert.equal(bytes.length % 4, 0);
  assert.ok(isRtcp(bytes));
  const parsed = parseRtcp(bytes);
  const [first, ...rest] = parsed;
  assert.ok(first?.kind === 'sender-report');
  assert.ok(Math.abs(first.ntpMs - Date.UTC(2026, 10, 20, 12, 0, 0, 250)) < 0.001);
  const seconds = Date.UTC(2026, 10, 20, 12) / 1000 + 2_208_988_800;
  assert.equal(first.ntpMiddle, (((seconds & 0xffff) << 16) | 0x4000) >>> 0);
  assert.deepEqual({ ...first, ntpMs: 0, ntpMiddle: 0 }, { ...compound[0], ntpMs: 0, ntpMiddle: 0 });
  assert.deepEqual(rest, compound.slice(1));
});

test('time after the NTP era of 2036 is understood', () => {
  const ntpMs = Date.UTC(2040, 0, 1);
  const [parsed] = parseRtcp(writeRtcp([{ ...compound[0], ntpMs } as RtcpPacketToWrite]));
  assert.ok(parsed?.kind === 'sender-report' && Math.abs(parsed.ntpMs - ntpMs) < 0.001);
});

test('a length that leads outside and a wrong version are refused', () => {
  assert.throws(() => parseRtcp(Uint8Array.of(0x80, 200, 0xff, 0xff, 1, 2, 3, 4)), MediaError);
  assert.throws(() => parseRtcp(Uint8Array.of(0x40, 200, 0, 0)), MediaError);
  assert.throws(() => parseRtcp(Uint8Array.of(0x80, 200, 0, 0)), MediaError);
});

test('unknown packets are stepped over, and a camera that counts a report it does not send is believed as far as it goes', () => {
  const application = Uint8Array.of(0x80, 204, 0, 1, 1, 2, 3, 4);
  const bytes = writeRtcp([{ kind: 'receiver-report', ssrc: 2, reports: [] }]);
  bytes[0] = 0x81;
  const parsed = parseRtcp(Uint8Array.from([...application, ...bytes]));
  assert.deepEqual(parsed, [{ kind: 'receiver-report', ssrc: 2, reports: [] }]);
});

test('any bytes give packets or MediaError and stay unchanged', () => {
  const header = fc.tuple(
    fc.integer({ min: 0x80, max: 0xbf }),
    fc.integer({ min: 199, max: 207 }),
    fc.constant(0),
    fc.integer({ min: 0, max: 12 }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(header, fc.uint8Array({ maxLength: 52 })), { maxLength: 5 }), (parts) => {
      const bytes = Uint8Array.from(parts.flatMap(([head, rest]) => [...head, ...rest]));
      const copy = bytes.slice();
      try {
        assert.ok(parseRtcp(copy).length <= bytes.length / 4);
      } catch (error) {
        assert.ok(error instanceof MediaError);
      }
      assert.deepEqual(copy, bytes);
    }),
    { numRuns: 1000 },
  );
});
