import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { footagePath, needs } from '@porchlight/base/testing';
import { concatBytes } from '#bytes';
import { MediaError } from '#frame';
import { readH264ByteStream } from './index.ts';
import { aud, b, idr, open, p, pps, sei, sps } from './test/stream.ts';

describe('hostile H.264', () => {
  it('any packets give frames and damage, change nothing and never throw', () => {
    const header = fc.constantFrom(0x67, 0x68, 0x65, 0x41, 0x18, 0x7c, 0x5c, 0x06, 0x09, 0x0b, 0x00);
    const payload = fc
      .tuple(header, fc.constantFrom(0x85, 0x05, 0x45, 0x88, 0xc1, 0x00), fc.uint8Array({ maxLength: 60 }))
      .map(([a, c, rest]) => concatBytes([Uint8Array.of(a, c), rest]));
    const packet = fc.tuple(
      fc.oneof(payload, fc.uint8Array({ maxLength: 60 }), fc.constantFrom(sps, pps, idr, p, b)),
      fc.nat(5),
      fc.boolean(),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        const stream = open([]);
        for (const [bytes, time, marker, loses] of packets) {
          const before = bytes.slice();
          if (loses) stream.lost(1);
          stream.push(bytes, time * 3600, marker);
          assert.deepEqual(bytes, before);
        }
        stream.flush();
        for (const frame of stream.frames) {
          const sizes = frame.nalUnits.map((unit) => unit.parts.reduce((sum, part) => sum + part.length, 0));
          assert.deepEqual(
            sizes,
            frame.nalUnits.map((unit) => unit.sizeBytes),
          );
          assert.equal(
            frame.sizeBytes,
            sizes.reduce((sum, size) => sum + size, 0),
          );
        }
        if (stream.frames.length > 0) assert.equal(stream.events[0], 'track');
      }),
      { numRuns: 1000 },
    );
  });

  it('any byte stream gives frames or a MediaError', () => {
    const piece = fc.oneof(fc.constantFrom(sps, pps, idr, p, b, sei, aud), fc.uint8Array({ maxLength: 30 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const bytes = concatBytes(pieces.flatMap((bytes) => [Uint8Array.of(0, 0, 1), bytes]));
        try {
          assert.ok(readH264ByteStream(bytes).length > 0);
        } catch (error) {
          assert.ok(error instanceof MediaError, String(error));
        }
      }),
    );
  });

  it('in the fuzz corpora does no harm', needs('footage'), () => {
    for (const folder of ['format-rtph264-FuzzDecoder', 'format-FuzzH264PTSEqualsDTS']) {
      for (const name of readdirSync(footagePath('fuzz', 'gortsplib', folder))) {
        const bytes = readFileSync(footagePath('fuzz', 'gortsplib', folder, name));
        const before = Buffer.from(bytes);
        const stream = open();
        for (let at = 0; at < bytes.length; at += 7) stream.push(bytes.subarray(at), at, at % 2 === 0);
        stream.flush();
        assert.throws(() => readH264ByteStream(bytes), MediaError, name);
        assert.deepEqual(bytes, before);
      }
    }
  });
});
