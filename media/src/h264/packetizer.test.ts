import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, toHex } from '#bytes';
import { toContiguous, toNalUnit } from '#nal';
import { packetizeH264 } from './index.ts';
import { aud, hex, idr, inParts, open, pps, sei, sps, stapA } from './test/stream.ts';

describe('payloads of an H.264 packetizer', () => {
  it('become the same NAL units again, for any frame and payload size', () => {
    const slice = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => {
      const clean = bytes.map((byte) => byte | 2); // no start codes, no trailing zero
      return concatBytes([Uint8Array.of(0x65, 0x88, 0x84), clean]);
    });
    fc.assert(
      fc.property(slice, fc.array(slice), fc.integer({ min: 8, max: 120 }), (first, more, max) => {
        const rest = more.map((bytes) => concatBytes([Uint8Array.of(0x65, 0x44), bytes.subarray(2)]));
        const nalUnits = [aud, sps, pps, sei, first, ...rest].map(inParts);
        const payloads = packetizeH264(nalUnits, max);
        const stream = open([]);
        payloads.forEach((payload, index) => {
          assert.ok(payload.length <= max);
          const before = payload.slice();
          stream.push(payload, 0, index === payloads.length - 1);
          assert.deepEqual(payload, before);
        });
        stream.flush();
        assert.deepEqual(
          hex(stream.frames[0]),
          nalUnits.map((unit) => toHex(toContiguous(unit))),
        );
      }),
    );
  });

  it('carry parameter sets together', () => {
    const payloads = packetizeH264(
      [sps, pps, idr].map((bytes) => toNalUnit('h264', bytes)),
      1400,
    );
    assert.deepEqual(payloads.map(toHex), [toHex(stapA(sps, pps)).replace(/^18/, '78'), toHex(idr)]);
    assert.throws(() => packetizeH264([], 2), TypeError);
  });
});
