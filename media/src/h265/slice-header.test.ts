import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BitReader } from '#bytes';
import { MediaError } from '#frame';
import { removeEmulationPrevention, toNalUnit } from '#nal';
import { readPpsId } from './slice-header.ts';

/** Bytes among which short fields and emulation prevention are common. */
const payload = fc.uint8Array({ maxLength: 20 }).map((bytes) => bytes.map((byte) => (byte < 90 ? byte % 4 : byte)));

function tryTo(read: () => number): number | string {
  try {
    return read();
  } catch (error) {
    assert.ok(error instanceof MediaError);
    return error.reason;
  }
}

test('the id of the PPS read as it lies is the one that is read bit by bit', () => {
  fc.assert(
    fc.property(payload, fc.constantFrom(1, 19, 21), (bytes, type) => {
      const whole = Uint8Array.of(type << 1, 1, ...bytes);
      const bitByBit = (): number => {
        const bits = new BitReader(removeEmulationPrevention(whole.slice(0, 16)));
        bits.skip(type >= 16 ? 18 : 17);
        return bits.readUe();
      };
      assert.equal(
        tryTo(() => readPpsId(toNalUnit('h265', whole))),
        tryTo(bitByBit),
      );
    }),
    { numRuns: 5000 },
  );
});
