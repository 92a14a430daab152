import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { footagePath, needs } from '@porchlight/base/testing';
import { concatBytes } from '#bytes';
import { MediaError } from '#frame';
import { toNalUnit } from '#nal';
import { parseHevcConfiguration, parsePps, parseSliceHeader, parseSps, parseVps, readH265ByteStream } from './index.ts';
import { aggregate, cra, idr, open, pps, sps, trail, vps } from './test/stream.ts';

describe('hostile H.265', () => {
  it('any packets give frames and damage, change nothing and never throw', () => {
    const header = fc.constantFrom(0x26, 0x02, 0x40, 0x42, 0x44, 0x60, 0x62, 0x4e, 0x46, 0x48, 0x00);
    const payload = fc
      .tuple(
        header,
        fc.constantFrom(1, 0, 9),
        fc.constantFrom(0x93, 0x13, 0x53, 0xd3, 0xa1, 0x00),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([a, c, d, rest]) => concatBytes([Uint8Array.of(a, c, d), rest]));
    const known = fc.constantFrom(vps, sps, pps, idr, cra, trail, aggregate(vps, sps, pps));
    const packet = fc.tuple(
      fc.oneof(payload, fc.uint8Array({ maxLength: 60 }), known),
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
        }
        if (stream.frames.length > 0) assert.equal(stream.events[0], 'track');
      }),
      { numRuns: 1000 },
    );
  });

  /** Every way to read bytes; each may refuse them with a `MediaError` and nothing else. */
  function readEveryWay(bytes: Uint8Array): void {
    const sets = { sps: parseSps(sps), pps: parsePps(pps) };
    const before = bytes.slice();
    for (const read of [
      () => parseVps(bytes),
      () => parseSps(bytes),
      () => parsePps(bytes),
      () => parseSliceHeader(toNalUnit('h265', bytes), sets),
      () => parseHevcConfiguration(bytes),
      () => readH265ByteStream(bytes),
      () =>
        readH265ByteStream(
          concatBytes([...[vps, sps, pps, idr, bytes].flatMap((unit) => [Uint8Array.of(0, 0, 1), unit])]),
        ),
    ]) {
      try {
        read();
      } catch (error) {
        assert.ok(error instanceof MediaError, String(error));
      }
    }
    const stream = open();
    stream.push(bytes, 0, false);
    stream.push(bytes, 1, true);
    stream.flush();
    assert.deepEqual(bytes, before);
  }

  it('any bytes give a value or a MediaError', () => {
    const header = fc.constantFrom(0x40, 0x42, 0x44, 0x26, 0x02);
    const named = fc
      .tuple(header, fc.uint8Array({ maxLength: 120 }))
      .map(([first, rest]) => concatBytes([Uint8Array.of(first, 1), rest]));
    const mutated = fc
      .tuple(fc.constantFrom(vps, sps, pps), fc.nat(60), fc.nat(255), fc.nat(60))
      .map(([set, at, value, end]) => {
        const bytes = set.slice(0, end);
        if (at > 1 && at < bytes.length) bytes[at] = value;
        return bytes;
      });
    fc.assert(fc.property(fc.oneof(named, mutated, fc.uint8Array({ maxLength: 200 })), readEveryWay), {
      numRuns: 1500,
    });
  });

  it('in the fuzz corpora does no harm', needs('footage'), () => {
    const folders = [
      ...['format-rtph265-FuzzDecoder', 'format-FuzzH265PTSEqualsDTS'].map((name) => ['gortsplib', name]),
      ...readdirSync(footagePath('fuzz', 'h265nal')).map((name) => ['h265nal', name]),
    ];
    let files = 0;
    for (const [set, folder] of folders) {
      for (const name of readdirSync(footagePath('fuzz', set!, folder!))) {
        const bytes = new Uint8Array(readFileSync(footagePath('fuzz', set!, folder!, name)));
        readEveryWay(bytes);
        // The corpora of single parsers hold what stands behind a NAL unit header.
        for (const type of [32, 33, 34, 1, 19, 39]) readEveryWay(concatBytes([Uint8Array.of(type << 1, 1), bytes]));
        files++;
      }
    }
    assert.ok(files > 350, `${files} files`);
  });
});
