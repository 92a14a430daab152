import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseKeyPicture } from './key-picture.ts';

function box(type: string, ...bodies: Uint8Array[]): Uint8Array {
  const body = bodies.flatMap((each) => [...each]);
  const size = 8 + body.length;
  return Uint8Array.from([
    size >>> 24,
    (size >>> 16) & 255,
    (size >>> 8) & 255,
    size & 255,
    ...Buffer.from(type, 'latin1'),
    ...body,
  ]);
}

function picture(entry: string, configuration: Uint8Array, data: Uint8Array): Uint8Array {
  const sampleEntry = box(entry, new Uint8Array(78), configuration);
  const tables = box('stbl', box('stsd', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1), sampleEntry));
  const moov = box('moov', box('mvhd'), box('trak', box('tkhd'), box('mdia', box('minf', tables))));
  return Uint8Array.from([...box('ftyp'), ...moov, ...box('moof'), ...box('mdat', data)]);
}

const avc = Uint8Array.of(1, 0x64, 0x00, 0x28, 255, 225, 0, 1, 0x67, 1, 0, 1, 0x68);
const hevc = Uint8Array.of(1, 1, 0x60, 0, 0, 0, 0xb0, 0, 0, 0, 0, 0, 93, 0xf0, 0);

test('an H.264 picture gives its codec string, its configuration and its bytes', () => {
  const found = parseKeyPicture(picture('avc1', box('avcC', avc), Uint8Array.of(9, 8, 7)));
  assert.equal(found?.codec, 'avc1.640028');
  assert.deepEqual(found.description, avc);
  assert.deepEqual(found.data, Uint8Array.of(9, 8, 7));
});

test('an H.265 picture gives its codec string as ISO/IEC 14496-15 writes it', () => {
  assert.equal(parseKeyPicture(picture('hvc1', box('hvcC', hevc), Uint8Array.of(1)))?.codec, 'hvc1.1.6.L93.B0');
});

test('any bytes give a picture or nothing, and are not changed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const before = bytes.slice();
      parseKeyPicture(bytes);
      assert.deepEqual(bytes, before);
    }),
  );
});

test('a picture cut anywhere gives nothing', () => {
  const whole = picture('avc1', box('avcC', avc), Uint8Array.of(9, 8, 7));
  for (let end = 0; end < whole.length; end++) assert.equal(parseKeyPicture(whole.subarray(0, end)), undefined);
});
