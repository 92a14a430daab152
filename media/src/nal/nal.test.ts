import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { concatBytes, parseHex, toHex } from '#bytes';
import { MediaError } from '#frame';
import {
  byteAt,
  findStartCode,
  headOf,
  parseLengthPrefixed,
  removeEmulationPrevention,
  splitByteStream,
  toContiguous,
  toLengthPrefixed,
  toNalUnit,
  toNalUnitBytes,
} from './index.ts';

/** Bytes with many zeros and ones, where start codes and emulation prevention live. */
const nearStartCodes = fc
  .array(fc.constantFrom(0, 0, 0, 1, 2, 3, 0x65, 0xff), { maxLength: 60 })
  .map((bytes) => Uint8Array.from(bytes));

describe('byte streams', () => {
  it('are split at 3- and 4-byte start codes, without trailing zeros and empty NAL units', () => {
    const stream = parseHex(
      '00000001' + '6742' + '000000' + '000001' + '68ce' + '000001' + '00000001' + '6588' + '0000',
    );
    assert.deepEqual(splitByteStream(stream).map(toHex), ['6742', '68ce', '6588']);
    assert.deepEqual(splitByteStream(parseHex('6742')), []);
    assert.deepEqual(splitByteStream(new Uint8Array(0)), []);
  });

  it('are searched exactly like a search byte by byte, for any bytes', () => {
    fc.assert(
      fc.property(nearStartCodes, fc.nat(10), (bytes, from) => {
        let expected = -1;
        for (let at = from; at + 2 < bytes.length && expected < 0; at++) {
          if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) expected = at;
        }
        assert.equal(findStartCode(bytes, from), expected);
      }),
    );
  });

  it('give views and leave their bytes as they were', () => {
    fc.assert(
      fc.property(nearStartCodes, (bytes) => {
        const before = bytes.slice();
        for (const unit of splitByteStream(bytes)) {
          assert.equal(unit.buffer, bytes.buffer);
          assert.notEqual(unit.at(-1), 0);
        }
        assert.deepEqual(bytes, before);
      }),
    );
  });

  it('in a parameter set of an SDP come apart', () => {
    assert.deepEqual(toNalUnitBytes([parseHex('00000001674200000001' + '68ce')]).map(toHex), ['6742', '68ce']);
    assert.deepEqual(toNalUnitBytes([parseHex('6742'), parseHex('674200000168ce'), new Uint8Array(0)]).map(toHex), [
      '6742',
      '6742',
      '68ce',
    ]);
  });
});

describe('emulation prevention', () => {
  it('goes, and nothing else', () => {
    assert.equal(toHex(removeEmulationPrevention(parseHex('000003010000030000030302'))), '0000010000000003' + '02');
    const clean = parseHex('0001020304');
    assert.equal(removeEmulationPrevention(clean), clean);
  });

  it('is undone for any RBSP that was written with it', () => {
    fc.assert(
      fc.property(nearStartCodes, (rbsp) => {
        const written: number[] = [];
        let zeros = 0;
        for (const byte of rbsp) {
          if (zeros >= 2 && byte <= 3) {
            written.push(3);
            zeros = 0;
          }
          written.push(byte);
          zeros = byte === 0 ? zeros + 1 : 0;
        }
        assert.deepEqual(removeEmulationPrevention(Uint8Array.from(written)), rbsp);
      }),
    );
  });
});

describe('length-prefixed samples', () => {
  it('come back as they were written, for any NAL units', () => {
    const units = fc.array(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 3 }), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(units, (parts) => {
        const nalUnits = parts.map((of) => ({ type: of[0]![0]! & 31, parts: of, sizeBytes: concatBytes(of).length }));
        const sample = concatBytes(toLengthPrefixed(nalUnits));
        const back = parseLengthPrefixed(sample, 4, 'h264');
        assert.deepEqual(
          back.map(toContiguous),
          nalUnits.map((unit) => concatBytes(unit.parts)),
        );
        assert.deepEqual(
          back.map((unit) => unit.type),
          nalUnits.map((unit) => unit.type),
        );
      }),
    );
  });

  it('keep the views they were given', () => {
    const part = parseHex('6588');
    assert.ok(toLengthPrefixed([toNalUnit('h264', part)]).includes(part));
  });

  it('with a length past the end are refused, for any bytes', () => {
    assert.throws(() => parseLengthPrefixed(parseHex('0000000565'), 4, 'h264'), MediaError);
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 4 }), (bytes, size) => {
        try {
          for (const unit of parseLengthPrefixed(bytes, size, 'h265')) assert.ok(unit.sizeBytes > 0);
        } catch (error) {
          assert.ok(error instanceof MediaError);
        }
      }),
    );
  });
});

describe('NAL units of several parts', () => {
  const unit = { type: 5, parts: [parseHex('65'), parseHex('8840'), parseHex('01')], sizeBytes: 4 };

  it('are read across parts', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((offset) => byteAt(unit, offset)),
      [0x65, 0x88, 0x40, 1, -1],
    );
    assert.equal(toHex(headOf(unit, 3)), '658840');
    assert.equal(toHex(headOf(unit, 9)), '65884001');
    assert.equal(toHex(toContiguous(unit)), '65884001');
  });
});
