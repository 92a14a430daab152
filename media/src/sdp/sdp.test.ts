import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '#frame';
import { parseSdp, writeSdp, type SdpDirection, type SdpMediaToWrite } from './index.ts';

const section = (...lines: string[]): string => ['v=0', 's=x', 't=0 0', ...lines].join('\r\n');

test('static payload types have their meaning without rtpmap', () => {
  const { media } = parseSdp(section('m=audio 0 RTP/AVP 0 8 14', 'm=video 0 RTP/AVP 26 99'));
  assert.deepEqual(
    media.flatMap(({ payloads }) => payloads.map(({ encoding, clockRateHz }) => `${encoding}/${clockRateHz}`)),
    ['PCMU/8000', 'PCMA/8000', 'MPA/90000', 'JPEG/90000', '/90000'],
  );
});

test('rtpmap wins over the static meaning', () => {
  const { media } = parseSdp(section('m=audio 0 RTP/AVP 0', 'a=rtpmap:0 MPEG4-GENERIC/16000/2'));
  const [payload] = media[0]!.payloads;
  assert.deepEqual([payload?.encoding, payload?.clockRateHz, payload?.channels], ['MPEG4-GENERIC', 16_000, 2]);
});

test('direction comes from the section or else from the session; sendonly sound beside pictures is a backchannel', () => {
  const { media } = parseSdp(
    section('a=recvonly', 'm=video 0 RTP/AVP 96', 'm=audio 0 RTP/AVP 0', 'm=audio 0 RTP/AVP 0', 'a=sendonly'),
  );
  assert.deepEqual(
    media.map(({ direction, backchannel }) => [direction, backchannel]),
    [
      ['recvonly', false],
      ['recvonly', false],
      ['sendonly', true],
    ],
  );
});

test('a camera that calls all it sends sendonly has no backchannel', () => {
  const { media } = parseSdp(section('m=video 0 RTP/AVP 96', 'a=sendonly', 'm=audio 0 RTP/AVP 0', 'a=sendonly'));
  assert.deepEqual(
    media.map(({ backchannel }) => backchannel),
    [false, false],
  );
});

test('frame rates are decimal or fractions; impossible ones are left out', () => {
  const rate = (text: string): number | undefined =>
    parseSdp(section('m=video 0 RTP/AVP 96', `a=framerate:${text}`)).media[0]!.frameRate;
  assert.equal(rate('12.5'), 12.5);
  assert.equal(rate('30000/1001'), 30_000 / 1001);
  assert.equal(rate('0'), undefined);
  assert.equal(rate('nan'), undefined);
});

test('bare line feeds, spaces, flags in fmtp and addresses are taken', () => {
  const { media, name } = parseSdp(
    'v=0\ns= porch \nc=IN IP4 239.1.2.3/127\nm=video 5004 RTP/AVP 96\na=rtpmap:96  H264/90000 \na=fmtp:96 Packetization-Mode = 1 ; flag;x=a=b\n',
  );
  assert.equal(name, 'porch');
  assert.equal(media[0]!.address, '239.1.2.3');
  assert.equal(media[0]!.port, 5004);
  assert.deepEqual(
    [...media[0]!.payloads[0]!.parameters],
    [
      ['packetization-mode', '1'],
      ['flag', ''],
      ['x', 'a=b'],
    ],
  );
});

test('text that is no description, a broken media line and endless text are refused', () => {
  for (const text of [
    '',
    'hello',
    section('m=video'),
    section('m=video x RTP/AVP 96'),
    section('m=audio 70000 RTP/AVP 0'),
  ]) {
    assert.throws(() => parseSdp(text), MediaError);
  }
  assert.throws(() => parseSdp(`v=0\r\n${'a=x\r\n'.repeat(20_000)}`), { reason: 'too-large' });
});

test('a hostile description of thousands of types and attributes is parsed in no time', () => {
  const types = Array.from({ length: 4000 }, (_, index) => String(index % 200)).join(' ');
  const text = section(`m=video 0 RTP/AVP ${types}`, ...new Array<string>(2000).fill('a=rtpmap:96 H264/90000'));
  const start = process.threadCpuUsage();
  const [media] = parseSdp(text).media;
  assert.equal(media!.payloads.length, 128);
  const { user } = process.threadCpuUsage(start);
  assert.ok(user < 1e6, `${user} µs of the processor`);
});

test('what is written is parsed as it was', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9-]{1,10}$/);
  const parameters = fc.uniqueArray(
    fc.tuple(
      word.map((name) => name.toLowerCase()),
      word,
    ),
    { selector: ([name]) => name, maxLength: 4 },
  );
  const payload = fc.record({
    payloadType: fc.integer({ min: 0, max: 127 }),
    encoding: word,
    clockRateHz: fc.constantFrom(8000, 48_000, 90_000),
    channels: fc.integer({ min: 1, max: 8 }),
    parameters: parameters.map((entries) => new Map(entries)),
  });
  const media = fc.record({
    kind: fc.constantFrom('video', 'audio', 'application'),
    payloads: fc.uniqueArray(payload, { selector: ({ payloadType }) => payloadType, minLength: 1, maxLength: 4 }),
    control: word,
    direction: fc.constantFrom<SdpDirection>('sendrecv', 'recvonly', 'inactive'),
    frameRate: fc.integer({ min: 1, max: 120 }),
  });
  fc.assert(
    fc.property(fc.array(media, { maxLength: 4 }), word, (sections: SdpMediaToWrite[], name) => {
      const parsed = parseSdp(writeSdp({ name, id: 5, control: '*', media: sections }));
      assert.deepEqual([parsed.name, parsed.control], [name, '*']);
      assert.deepEqual(
        parsed.media.map(({ kind, payloads, control, direction, frameRate }) => ({
          kind,
          payloads,
          control,
          direction,
          frameRate,
        })),
        sections.map((section) => ({ ...section, payloads: section.payloads.map((payload) => ({ ...payload })) })),
      );
    }),
  );
});

test('any text gives a description or MediaError', () => {
  const piece = fc.constantFrom(
    'v=0\n',
    'm=',
    'video ',
    '0 ',
    'RTP/AVP ',
    '96 ',
    'a=',
    'rtpmap:',
    'fmtp:96 ',
    'c=IN ',
    ';',
    '/',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 60 }), (pieces) => {
      try {
        assert.ok(parseSdp(pieces.join('')));
      } catch (error) {
        assert.ok(error instanceof MediaError);
      }
    }),
    { numRuns: 500 },
  );
});
