import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HouseError } from '@porchlight/base/errors';
import { parseSourceAddress, toCameraId } from './index.ts';

test('credentials are taken out of an address, whatever letters they have', () => {
  for (const [text, username, password] of [
    ['rtsp://admin:secret@10.0.0.1/a', 'admin', 'secret'],
    ['rtsp://admin:p%40ss%2Fw@10.0.0.1/a', 'admin', 'p@ss/w'],
    ['rtsp://admin:p@ss#w?x@10.0.0.1/a', 'admin', 'p@ss#w?x'],
    ['rtsp://admin:a:b@10.0.0.1/a', 'admin', 'a:b'],
    ['RTSP://admin@10.0.0.1:554/a', 'admin', ''],
  ] as const) {
    const parsed = parseSourceAddress(text);
    assert.equal(parsed.url, 'rtsp://10.0.0.1/a', text);
    assert.deepEqual(parsed.credentials, { username, password }, text);
  }
});

test('a password inside path or query leaves a mark in its place', () => {
  const inPath = parseSourceAddress('rtsp://h/user=admin_password=tlJwpbo6_channel=1_stream=0.sdp?real_stream');
  assert.equal(inPath.url, 'rtsp://h/user=admin_password={password}_channel=1_stream=0.sdp?real_stream');
  assert.equal(inPath.credentials?.password, 'tlJwpbo6');
  const inQuery = parseSourceAddress('rtsp://h:8554/x?user=a&pwd=hid%20den&ch=1');
  assert.equal(inQuery.url, 'rtsp://h:8554/x?user=a&pwd={password}&ch=1');
  assert.equal(inQuery.credentials?.password, 'hid den');
  assert.equal(parseSourceAddress(inQuery.url).credentials, undefined, 'the mark itself is no password');
});

test('files, the demo and IPv6 are understood; ports that are the default are left out', () => {
  assert.deepEqual(parseSourceAddress('/srv/a b.mp4'), { kind: 'file', url: '/srv/a b.mp4' });
  assert.deepEqual(parseSourceAddress('file:///srv/a%20b.mp4'), { kind: 'file', url: '/srv/a b.mp4' });
  assert.deepEqual(parseSourceAddress('demo:street'), { kind: 'demo', url: 'demo:street' });
  assert.equal(parseSourceAddress('rtsps://[fe80::1]:322/x').url, 'rtsps://[fe80::1]/x');
});

test('any text is an address without its password or refused in words that do not repeat it', () => {
  const word = fc.stringMatching(/^[a-zA-Z0-9#?%&=:@!$]{12,20}$/);
  fc.assert(
    fc.property(word, fc.constantFrom('rtsp://u:', 'rtsps://u:', 'http://u:'), (secret, head) => {
      try {
        const parsed = parseSourceAddress(`${head}${secret}@host/path`);
        assert.ok(!parsed.url.includes(secret));
        assert.equal(parsed.host, 'host');
      } catch (error) {
        assert.ok(error instanceof HouseError && error.kind === 'invalid' && error.fix !== undefined);
        assert.ok(!`${error.message} ${error.fix}`.includes(secret));
      }
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseSourceAddress(text);
      } catch (error) {
        assert.ok(error instanceof HouseError);
      }
    }),
  );
});

test('ids come from names in any script and stay short', () => {
  assert.equal(toCameraId('Haustür Süd', 1), 'haustur-sud');
  assert.equal(toCameraId('  -- Front Door!! ', 2), 'front-door-2');
  assert.equal(toCameraId('玄関', 1), 'camera');
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 2001 }), (name, attempt) => {
      assert.ok(toCameraId(name, attempt).length <= 63);
    }),
  );
});
