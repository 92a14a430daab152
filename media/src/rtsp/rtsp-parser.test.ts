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

/** An RTP packet of no use. */
const rtp = new Uint8Array(40).fill(0x80);

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
  parser.push(concatBytes([frame(0, rtp), stray, frame(0, rtp), stray]));
  parser.push(writeResponse({ status: 200, headers: [] }));
  assert.deepEqual(
    seen.map(({ what }) => what),
    ['0', '0', '200'],
  );
  assert.equal(parser.skippedBytes, 8);
  assert.throws(() => parser.push(new Uint8Array(140_000)), { name: 'MediaError', reason: 'malformed' });
});

test('a header without end and a body beyond the limit are refused', () => {
  const limits = { maxHeaderBytes: 100, maxBodyBytes: 10 };
  const isTooLarge = (error: unknown): boolean => error instanceof MediaError && error.reason === 'too-large';
  assert.throws(() => new RtspParser(collect().sink, limits).push(writeUtf8(`PLAY ${'x'.repeat(101)}`)), isTooLarge);
  const slowly = new RtspParser(collect().sink, limits);
  assert.throws(() => {
    for (const letter of `PLAY ${'x'.repeat(200)}`) slowly.push(writeUtf8(letter));
  }, isTooLarge);
  const body = writeUtf8('RTSP/1.0 200 OK\r\nContent-Length: 11\r\n\r\n');
  assert.throws(() => new RtspParser(collect().sink, limits).push(body), isTooLarge);
  const text = writeUtf8('RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n');
  assert.throws(() => new RtspParser(collect().sink).push(text), isTooLarge);
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

const ok = writeResponse({ status: 200, headers: [['CSeq', '1']] });
const numbered = (number: number): Uint8Array => rtp.with(39, number);

/** What comes behind `damage`, whole and cut anywhere, is the same; how much was skipped is told. */
function checkResync(damage: Uint8Array, options: { readonly lostFrames?: number } = {}): number {
  const before = [ok, frame(0, numbered(1)), frame(1, numbered(2))];
  const behind = [3, 4, 5, 6].map((number) => frame(number % 2, numbered(number)));
  const bytes = concatBytes([...before, damage, ...behind, ok]);
  let skipped = 0;
  for (let cut = 1; cut < bytes.length; cut += cut < 200 ? 1 : 37) {
    const { seen, sink } = collect();
    skipped = 0;
    const parser = new RtspParser({ ...sink, onSkipped: (sizeBytes) => (skipped += sizeBytes) });
    parser.push(bytes.slice(0, cut));
    parser.push(bytes.slice(cut));
    const whole = seen.filter(({ kind, bytes: payload }) => kind === 'frame' && payload.length === rtp.length);
    const numbers = whole.map(({ bytes: payload }) => payload[39]!);
    assert.deepEqual(numbers.slice(0, 2), [1, 2]);
    assert.deepEqual(numbers.slice(2), [3, 4, 5, 6].slice(options.lostFrames ?? 0), `cut at ${cut}`);
    assert.equal(seen.at(-1)!.what, '200', 'the answer behind it');
  }
  return skipped;
}

test('after a Content-Length that was too short the next frame is found', () => {
  const sdp = writeUtf8('v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=1\r\nm=$ 0\r\n\r\n');
  const head = writeUtf8('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 20\r\n\r\n');
  assert.ok(checkResync(concatBytes([head, sdp])) > 30);
});

test('after a Content-Length that was too long only what it covers is lost', () => {
  checkResync(writeUtf8('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 60\r\n\r\n'), { lostFrames: 2 });
});

test('after a frame that is longer or shorter than it says the next is found', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => (index * 7) & 0x7f);
  bytes.set([0x80, 0x60], 0);
  const whole = concatBytes([Uint8Array.of(0x24, 0, 0, 200), bytes]);
  assert.ok(checkResync(whole) > 50);
  // 30 bytes of the next frame are taken for this one's, and its rest is skipped.
  checkResync(concatBytes([Uint8Array.of(0x24, 0, 0, 130), bytes.subarray(0, 100)]), { lostFrames: 1 });
});

test('a dollar inside what is lost is no frame: its channel, its version and what follows it are looked at', () => {
  const inside = [0x24, 0, 0, 12, 0x11, 0x24, 9, 0, 12, 0x80, 0x24, 0, 0, 10, 0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x77];
  checkResync(concatBytes([Uint8Array.of(0xff), Uint8Array.from(inside), new Uint8Array(50).fill(0x41)]));
});

test('letters that are no message are stepped over at once, and a head that is none too', () => {
  checkResync(writeUtf8('a=rtpmap:96 H264/90000\r\nRTSPX 200\r\n'));
  checkResync(writeUtf8('RTSP/9 what\r\n\r\n'));
  checkResync(writeUtf8('PLAY rtsp://somewhere without a version\r\n\r\n'));
});

test('a body that never comes can be ended: the message is given with what is there', () => {
  const { seen, sink } = collect();
  const parser = new RtspParser(sink);
  assert.equal(parser.bodyBytes, undefined);
  parser.push(writeUtf8('RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 60\r\n\r\nv=0\r\n'));
  assert.equal(parser.bodyBytes, 5);
  parser.endBody();
  parser.endBody();
  parser.push(ok);
  assert.deepEqual(plain(seen), [
    ['response', '200', [...writeUtf8('v=0\r\n')]],
    ['response', '200', []],
  ]);
});

test('a description without a usable Content-Length is taken up to where it ends', () => {
  for (const line of ['', 'Content-Length: 5 bytes\r\n', 'Content-Length: -1\r\n']) {
    const { seen, sink } = collect();
    const parser = new RtspParser(sink);
    parser.push(writeUtf8(`RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\n${line}\r\nv=0\r\nm=video`));
    parser.push(writeUtf8(' 0 RTP/AVP 96\r\n'));
    parser.endBody();
    assert.equal(parseUtf8(seen[0]!.bytes), 'v=0\r\nm=video 0 RTP/AVP 96\r\n');
  }
});

test('a description that is longer than its Content-Length is taken whole, where it has come with it', () => {
  const sdp = 'v=0\r\nm=video 0 RTP/AVP 96\r\na=control:trackID=1\r\n';
  const head = 'RTSP/1.0 200 OK\r\nContent-Type: application/sdp\r\nContent-Length: 40\r\n\r\n';
  for (const cut of [10, head.length, head.length + 20]) {
    const { seen, sink } = collect();
    const parser = new RtspParser(sink);
    const bytes = concatBytes([writeUtf8(head + sdp), ok]);
    parser.push(bytes.slice(0, cut));
    parser.push(bytes.slice(cut));
    assert.deepEqual(
      seen.map(({ bytes: body }) => parseUtf8(body)),
      [sdp, ''],
    );
  }
});
