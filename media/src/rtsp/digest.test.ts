import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  findStrongestChallenge,
  parseAuthorization,
  parseChallenges,
  toDigestResponse,
  writeBasicAuthorization,
  writeDigestAuthorization,
  type Challenge,
  type DigestAlgorithm,
  type DigestHash,
} from './index.ts';

const hash: DigestHash = (algorithm, text) =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'utf8')
    .digest('hex');

type DigestChallenge = Extract<Challenge, { scheme: 'digest' }>;
const parseOne = (text: string): DigestChallenge => {
  const [challenge] = parseChallenges([text]);
  assert.ok(challenge?.scheme === 'digest');
  return challenge;
};

test('the example of RFC 7616 3.9.1 is answered as printed there, with MD5 and with SHA-256', () => {
  const realm = 'realm="http-auth@example.org", qop="auth, auth-int"';
  const nonce =
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const answers = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  };
  for (const [algorithm, response] of Object.entries(answers)) {
    const value = writeDigestAuthorization({
      challenge: parseOne(`Digest ${realm}, algorithm=${algorithm}, ${nonce}`),
      username: 'Mufasa',
      password: 'Circle of Life',
      method: 'GET',
      url: '/dir/index.html',
      nonceCount: 1,
      clientNonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
      hash,
    });
    assert.match(value, new RegExp(`response="${response}"`));
    assert.match(value, new RegExp(`algorithm=${algorithm}, opaque="FQhe`));
    assert.match(value, /qop=auth, nc=00000001, cnonce="f2/);
  }
});

test('a camera without qop is answered as RFC 2069 says, without algorithm, nc and cnonce', () => {
  const value = writeDigestAuthorization({
    challenge: parseOne('Digest realm="Surveillance Server", nonce="98481030"'),
    ...{ username: 'admin', password: '1234', method: 'DESCRIBE', url: 'rtsp://10.0.0.1/', hash },
    ...{ nonceCount: 9, clientNonce: 'unused' },
  });
  const secret = hash('MD5', 'admin:Surveillance Server:1234');
  const response = hash('MD5', `${secret}:98481030:${hash('MD5', 'DESCRIBE:rtsp://10.0.0.1/')}`);
  assert.equal(
    value,
    `Digest username="admin", realm="Surveillance Server", nonce="98481030", uri="rtsp://10.0.0.1/", response="${response}"`,
  );
});

test('several challenges in one header or in several are all found, and the strongest is chosen', () => {
  const inOne = parseChallenges([
    'Basic realm="a, b", Digest realm="x \\"y\\"", nonce=abc, stale=TRUE, algorithm="SHA-256", qop="auth-int,auth", Bearer',
  ]);
  assert.deepEqual(
    inOne.map(({ scheme, realm }) => [scheme, realm]),
    [
      ['basic', 'a, b'],
      ['digest', 'x "y"'],
    ],
  );
  const strongest = findStrongestChallenge([
    ...parseChallenges(['Digest realm="r", nonce="1"', 'Digest realm="r", nonce="3", algorithm=SHA-512-256']),
    ...inOne,
  ]);
  assert.ok(strongest?.scheme === 'digest');
  assert.deepEqual(
    [strongest.algorithm, strongest.nonce, strongest.stale, strongest.qop],
    ['SHA-256', 'abc', true, ['auth-int', 'auth']],
  );
  assert.equal(findStrongestChallenge([]), undefined);
});

test('what the client writes, the server side reads and computes alike, for every algorithm and qop', () => {
  const word = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll(/[\r\n\0]/g, ''));
  const algorithm = fc.constantFrom<DigestAlgorithm>('MD5', 'MD5-sess', 'SHA-256', 'SHA-256-sess');
  const qops = fc.constantFrom<string[]>([], ['auth'], ['auth-int'], ['auth', 'auth-int']);
  fc.assert(
    fc.property(word, word, word, algorithm, qops, (username, password, realm, algorithm, qop) => {
      const challenge: DigestChallenge = {
        ...{
          scheme: 'digest',
          realm,
          nonce: 'n"1',
          opaque: undefined,
          algorithm,
          algorithmStated: true,
          qop,
          stale: false,
        },
      };
      const request = { method: 'SETUP', url: 'rtsp://h/a?b=c', hash };
      const value = writeDigestAuthorization({
        ...{ challenge, username, password, nonceCount: 27, clientNonce: 'c' },
        ...request,
      });
      const given = parseAuthorization(value);
      assert.ok(given?.scheme === 'digest');
      const field = (name: string): string => given.fields.get(name) ?? '';
      assert.equal(field('username'), username);
      assert.equal(field('realm'), realm);
      const expected = toDigestResponse({
        ...request,
        ...{ algorithm, username, password, realm, nonce: field('nonce'), qop: field('qop') },
        ...{ nonceCount: field('nc'), clientNonce: field('cnonce') },
      });
      assert.equal(field('response'), expected);
    }),
  );
});

test('Basic goes there and back with any password', () => {
  const value = writeBasicAuthorization('user', 'pä:ss');
  assert.deepEqual(parseAuthorization(value), { scheme: 'basic', username: 'user', password: 'pä:ss' });
  assert.equal(parseAuthorization('Bearer x'), undefined);
});

test('any text is parsed without an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      assert.ok(Array.isArray(parseChallenges([text, `Digest ${text}`, `Basic ${text}`])));
      parseAuthorization(`Digest ${text}`);
    }),
  );
});
