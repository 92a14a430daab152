import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '#frame';
import { parseRtpInfo, parseSession, parseTransport, toBaseUrl, toControlUrl, writeTransport } from './index.ts';

test('a server picks from several transports', () => {
  const transports = parseTransport(
    'RAW/RAW/UDP;x, RTP/AVP/TCP;unicast;interleaved=4-5, RTP/AVP;unicast;client_port=6000',
  );
  assert.deepEqual(
    transports.map(({ lower, interleaved, clientPorts }) => [lower, interleaved, clientPorts]),
    [
      ['tcp', [4, 5], undefined],
      ['udp', undefined, [6000, 6001]],
    ],
  );
  assert.throws(() => parseTransport('RAW/RAW/UDP'), MediaError);
});

test('a written transport is parsed as it was', () => {
  const pair = fc.integer({ min: 0, max: 127 }).map((even) => [even * 2, even * 2 + 1] as const);
  fc.assert(
    fc.property(pair, fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.boolean(), (ports, ssrc, tcp) => {
      const fields = tcp
        ? { lower: 'tcp' as const, interleaved: ports }
        : { lower: 'udp' as const, clientPorts: ports, serverPorts: ports, multicast: false, source: '10.0.0.2' };
      const [parsed] = parseTransport(writeTransport({ ...fields, ssrc, mode: 'play' }));
      assert.deepEqual({ ...parsed, ...fields, ssrc, mode: 'play' }, parsed);
    }),
  );
});

test('impossible channels, ports and SSRCs are left out, not believed', () => {
  const [transport] = parseTransport('RTP/AVP;client_port=70000-70001;ssrc=xyz;port=--');
  assert.deepEqual([transport?.clientPorts, transport?.ssrc, transport?.ports], [undefined, undefined, undefined]);
});

test('a session has 60 s unless it says otherwise', () => {
  assert.deepEqual(parseSession('  abc ; timeout = 30 '), { id: 'abc', timeoutMs: 30_000 });
  assert.deepEqual(parseSession('abc;timeout=0'), { id: 'abc', timeoutMs: 60_000 });
  assert.throws(() => parseSession(';timeout'), MediaError);
});

test('controls are joined to the base as cameras read them', () => {
  const cases = [
    ['rtsp://h/a/', 'trackID=1', 'rtsp://h/a/trackID=1'],
    ['rtsp://h/a', 'trackID=1', 'rtsp://h/a/trackID=1'],
    ['rtsp://h/a', '*', 'rtsp://h/a'],
    ['rtsp://h/a', undefined, 'rtsp://h/a'],
    ['rtsp://h:5050/H264?channel=1&subtype=0', 'video', 'rtsp://h:5050/H264?channel=1&subtype=0/video'],
    ['rtsp://h/a?x=1/', 'trackID=0', 'rtsp://h/a?x=1/trackID=0'],
    ['rtsp://h/a', '?ctype=video', 'rtsp://h/a?ctype=video'],
    ['rtsp://h:8554/a/b', '/c/track1', 'rtsp://h:8554/c/track1'],
    ['rtsp://h/a', 'rtsp://h/b/trackID=1?x', 'rtsp://h/b/trackID=1?x'],
  ] as const;
  for (const [base, control, url] of cases) assert.equal(toControlUrl(base, control), url);
});

test('the base is Content-Base, Content-Location or the request, whichever is a URL', () => {
  const request = 'rtsp://10.0.0.9:554/stream0';
  const base = (fields: Record<string, string>): string =>
    toBaseUrl(request, new Map(Object.entries(fields).map(([name, value]) => [name, [value]])));
  assert.equal(base({ 'content-base': 'rtsp://h/x/' }), 'rtsp://h/x/');
  assert.equal(base({ 'content-base': '10.0.0.9:554/stream0/' }), request);
  assert.equal(base({ 'content-base': '/live/' }), 'rtsp://10.0.0.9:554/live/');
  assert.equal(base({ 'content-location': 'rtsp://h/y' }), 'rtsp://h/y');
  assert.equal(base({}), request);
});

test('any header text gives a value or MediaError', () => {
  const fields = fc.constantFrom(
    'url=',
    'seq=',
    'rtptime=',
    ';',
    ',',
    '=',
    '"',
    'RTP/AVP',
    'ssrc=',
    'timeout=',
    '-',
    '1',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(fields, fc.string({ maxLength: 8 })), { maxLength: 40 }), (parts) => {
      for (const parse of [parseTransport, parseSession, parseRtpInfo]) {
        try {
          assert.ok(parse(parts.join('')));
        } catch (error) {
          assert.ok(error instanceof MediaError);
        }
      }
    }),
  );
});
