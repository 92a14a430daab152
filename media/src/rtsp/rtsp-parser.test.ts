import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { concatBytes, parseUtf8, writeUtf8 } from '#bytes';
import { MediaError } from '#frame';
import {
  getHeader,
  getSequence,
  RtspParser,
  writeInterleavedHeader,
  writeRequest,
  writeResponse,
  type RtspParserSink,
} from './index.ts';

type Seen = { kind: string; what: string; bytes: Uint8Array };

function collect(): { seen: Seen[]; sink: RtspParserSink } {
  const seen: Seen[] = [];
  return {
    seen,
    sink: {
      onResponse: ({ status, body }) => seen.push({ kind: 'response', what: String(status), bytes: body }),
      onRequest: ({ method, url, body }) => seen.push({ kind: 'request', what: `${method} ${url}`, bytes: body }),
      onInterleaved: (channel, bytes, start, end) =>
        seen.push({ kind: 'frame', what: String(channel), bytes: bytes.subarray(start, end) }),
    },
  };
}

const plain = (seen: readonly Seen[]) => seen.map(({ kind, what, bytes }) => [kind, what, [...bytes]]);

const frame = (channel: number, payload: Uint8Array): Uint8Array =>
  concatBytes([writeInterleavedHeader(channel, payload.length), payload]);

const conversation = concatBytes([
  writeResponse({ status: 200, headers: [['CSeq', '1']], body: writeUtf8('v=0\r\n') }),
  frame(0, Uint8Array.of(0x24, 0x24, 0x0d, 0x0a, 0x0d, 0x0a)),
  frame(1, new Uint8Array(0)),
  writeUtf8('\r\n'),
  writeRequest({ method: 'OPTIONS', url: 'rtsp://h/a', headers: [['CSeq', '7']] }),
  frame(255, new Uint8Array(2000).fill(0x52)),
  writeResponse({ status: 401, headers: [['CSeq', '2']] }),
]);
const expected = [
  ['response', '200', [...writeUtf8('v=0\r\n')]],
  ['frame', '0', [0x24, 0x24, 0x0d, 0x0a, 0x0d, 0x0a]],
  ['frame', '1', []],
  ['request', 'OPTIONS rtsp://h/a', []],
  ['frame', '255', [...new Uint8Array(2000).fill(0x52)]],
  ['response', '401', []],
];

test('a frame inside one chunk is a view into it', () => {
  const { seen, sink } = collect();
  const chunk = concatBytes([frame(0, Uint8Array.of(1, 2, 3)), frame(2, Uint8Array.of(4))]);
  new RtspParser(sink).push(chunk);
  assert.deepEqual(plain(seen), [
    ['frame', '0', [1, 2, 3]],
    ['frame', '2', [4]],
  ]);
  assert.ok(seen.every(({ bytes }) => bytes.buffer === chunk.buffer));
});

test('a frame over many chunks is joined in one buffer of its own size', () => {
  const { seen, sink } = collect();
  const parser = new RtspParser(sink);
  const whole = frame(
    0,
    Uint8Array.from({ length: 5000 }, (_, index) => index),
  );
  for (let at = 0; at < whole.length; at += 7) parser.push(whole.slice(at, at + 7));
  assert.equal(seen.length, 1);
  assert.deepEqual(seen[0]!.bytes, whole.subarray(4));
  assert.equal(seen[0]!.bytes.buffer.byteLength, 5000);
});

test('any split of a conversation gives the same messages and frames, and no chunk is changed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 400 }), (sizes) => {
      const { seen, sink } = collect();
      const parser = new RtspParser(sink);
      const copy = conversation.slice();
      for (let at = 0, index = 0; at < copy.length; index++) {
        const size = index < sizes.length ? sizes[index]! : copy.length;
        parser.push(copy.subarray(at, at + size));
        at += size;
      }
      assert.deepEqual(plain(seen), expected);
      assert.deepEqual(copy, conversation);
    }),
    { numRuns: 200 },
  );
});

test('one byte at a time works too', () => {
  const { seen, sink } = collect();
  const parser = new RtspParser(sink);
  for (const byte of conversation) parser.push(Uint8Array.of(byte));
  assert.deepEqual(plain(seen), expected);
});

test('any bytes in any chunks give values or MediaError, and stay unchanged', () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc
      .constantFrom('RTSP/1.0 200 OK\r\n', 'Content-Length: 5\r\n', '\r\n', '$', 'OPTIONS * RTSP/1.0\r\n')
      .map(writeUtf8),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 30 }), (chunks) => {
      const parser = new RtspParser(collect().sink, { maxHeaderBytes: 256, maxBodyBytes: 256 });
      const copies = chunks.map((bytes) => bytes.slice());
      try {
        for (const bytes of copies) parser.push(bytes);
      } catch (error) {
        assert.ok(error instanceof MediaError);
      }
      assert.deepEqual(copies, chunks);
    }),
    { numRuns: 500 },
  );
});

test('stray bytes between frames are stepped over, up to a limit', () => {
  const { seen, sink } = collect();
  const parser = new RtspParser(sink);
  const stray = Uint8Array.of(0, 0, 0xff, 0x20);
  parser.push(concatBytes([frame(0, Uint8Array.of(1)), stray, frame(0, Uint8Array.of(2)), stray]));
  parser.push(writeResponse({ status: 200, headers: [] }));
  assert.deepEqual(
    seen.map(({ what }) => what),
    ['0', '0', '200'],
  );
  assert.equal(parser.skippedBytes, 8);
  assert.throws(() => parser.push(new Uint8Array(70_000)), { name: 'MediaError', reason: 'malformed' });
});

test('a header without end and a body beyond the limit are refused', () => {
  const limits = { maxHeaderBytes: 100, maxBodyBytes: 10 };
  const isTooLarge = (error: unknown): boolean => error instanceof MediaError && error.reason === 'too-large';
  assert.throws(() => new RtspParser(collect().sink, limits).push(writeUtf8('x'.repeat(101))), isTooLarge);
  const slowly = new RtspParser(collect().sink, limits);
  assert.throws(() => {
    for (let index = 0; index < 200; index++) slowly.push(writeUtf8('a'));
  }, isTooLarge);
  const body = writeUtf8('RTSP/1.0 200 OK\r\nContent-Length: 11\r\n\r\n');
  assert.throws(() => new RtspParser(collect().sink, limits).push(body), isTooLarge);
  for (const length of ['-1', '1e9', 'x', '99999999999999999999']) {
    const text = writeUtf8(`RTSP/1.0 200 OK\r\nContent-Length: ${length}\r\n\r\n`);
    assert.throws(() => new RtspParser(collect().sink).push(text), MediaError);
  }
});

test('a web server on the camera port is named as such', () => {
  const parser = new RtspParser(collect().sink);
  assert.throws(() => parser.push(writeUtf8('HTTP/1.1 400 Bad Request\r\n\r\n')), /speaks HTTP/);
});

test('header names have no case, repeated lines keep their order, folded lines are joined', () => {
  const parser = new RtspParser({
    ...collect().sink,
    onResponse({ headers, reason }) {
      assert.equal(reason, 'Not quite fine');
      assert.equal(getHeader(headers, 'cseq'), '3');
      assert.equal(getSequence(headers), 3);
      assert.deepEqual(headers.get('www-authenticate'), ['Digest realm="a", nonce="b"', 'Basic realm="c"']);
    },
  });
  const lines = ['RTSP/1.0 200 Not quite fine', 'CSEQ:3 ', 'WWW-Authenticate: Digest realm="a",', '  nonce="b"'];
  parser.push(writeUtf8([...lines, 'www-authenticate: Basic realm="c"', 'no colon here', '', ''].join('\n')));
});

test('line breaks never get into a written header', () => {
  for (const value of ['a\r\nX: y', 'a\nb', 'a\0b']) {
    const headers = [['CSeq', value]] as const;
    assert.throws(() => writeRequest({ method: 'PLAY', url: 'rtsp://h/', headers }), TypeError);
  }
  const text = parseUtf8(writeRequest({ method: 'PLAY', url: 'rtsp://h/', headers: [['CSeq', '1']] }));
  assert.equal(text, 'PLAY rtsp://h/ RTSP/1.0\r\nCSeq: 1\r\n\r\n');
});
