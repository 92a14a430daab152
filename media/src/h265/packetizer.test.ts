import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, toHex } from '#bytes';
import { toContiguous, toNalUnit } from '#nal';
import { packetizeH265 } from './index.ts';
import { aggregate, aud, hex, idr, idrSecond, inParts, open, pps, prefixSei, sps, vps } from './test/stream.ts';

describe('payloads of an H.265 packetizer', () => {
  it('become the same NAL units again, for any frame and payload size', () => {
    const tail = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => bytes.map((byte) => byte | 2));
    fc.assert(
      fc.property(tail, fc.array(tail), fc.integer({ min: 8, max: 120 }), (first, more, max) => {
        const slices = [concatBytes([idr, first]), ...more.map((bytes) => concatBytes([idrSecond, bytes]))];
        const nalUnits = [aud, vps, sps, pps, prefixSei, ...slices].map(inParts);
        const stream = open([]);
        packetizeH265(nalUnits, max).forEach((payload, index, all) => {
          assert.ok(payload.length <= max);
          const before = payload.slice();
          stream.push(payload, 0, index === all.length - 1);
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
    const payloads = packetizeH265(
      [vps, sps, pps, idr].map((bytes) => toNalUnit('h265', bytes)),
      1400,
    );
    assert.deepEqual(payloads.map(toHex), [toHex(aggregate(vps, sps, pps)), toHex(idr)]);
    assert.throws(() => packetizeH265([], 3), TypeError);
  });
});
