import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  BitReader,
  BytesWriter,
  concatBytes,
  parseBase64,
  parseHex,
  parseUtf8,
  readU32,
  toHex,
  writeBase64,
  writeUtf8,
} from './index.ts';
import { MediaError } from '#frame';

test('bits are read across byte boundaries, most significant first', () => {
  const reader = new BitReader(parseHex('a5f0'));
  assert.equal(reader.read(3), 0b101);
  assert.equal(reader.read(7), 0b0010111);
  assert.equal(reader.bitsLeft, 6);
  assert.throws(() => reader.read(7), MediaError);
});

test('Exp-Golomb codes follow table 9-2 of H.264', () => {
  const reader = new BitReader(Uint8Array.of(0b1_010_011_0, 0b0100_0010, 0b1_0000000));
  assert.deepEqual(
    [reader.readUe(), reader.readUe(), reader.readUe(), reader.readUe(), reader.readUe()],
    [0, 1, 2, 3, 4],
  );
});

test('more_rbsp_data is false at the stop bit', () => {
  const reader = new BitReader(Uint8Array.of(0b1010_1000, 0));
  assert.ok(reader.hasMoreRbspData());
  reader.read(4);
  assert.ok(!reader.hasMoreRbspData());
});

test('base64, hexadecimal and UTF-8 agree with Node for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ unit: 'binary' }), (bytes, text) => {
      const buffer = Buffer.from(bytes);
      assert.equal(writeBase64(bytes), buffer.toString('base64'));
      assert.deepEqual(parseBase64(buffer.toString('base64')), bytes);
      assert.equal(toHex(bytes), buffer.toString('hex'));
      assert.deepEqual(Buffer.from(writeUtf8(text)), Buffer.from(text.toWellFormed()));
      assert.equal(parseUtf8(writeUtf8(text)), text.toWellFormed());
    }),
  );
});

test('a writer grows and its numbers are read back', () => {
  const writer = new BytesWriter(1)
    .u8(1)
    .u16(0x203)
    .u24(0x40506)
    .u32(0x0708090a)
    .u64(2 ** 40 + 5)
    .text('moov');
  assert.equal(toHex(writer.finish()), '01020304050607080900'.slice(0, 18) + '0a' + '0000010000000005' + '6d6f6f76');
  assert.equal(readU32(concatBytes([Uint8Array.of(0, 0), Uint8Array.of(1, 2)]), 0), 0x102);
  assert.throws(() => readU32(new Uint8Array(3), 0), MediaError);
});
