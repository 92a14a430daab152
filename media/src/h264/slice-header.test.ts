import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '#frame';
import { toNalUnit } from '#nal';
import { readPpsId, readSliceStart } from './slice-header.ts';

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
    fc.property(payload, (bytes) => {
      const unit = toNalUnit('h264', Uint8Array.of(0x41, ...bytes));
      assert.equal(
        tryTo(() => readPpsId(unit)),
        tryTo(() => readSliceStart(unit).ppsId),
      );
    }),
    { numRuns: 5000 },
  );
});
