import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { AudioTrack, VideoTrack } from '@porchlight/media/frame';
import { parseSdp } from '@porchlight/media/sdp';
import { chooseAudio, chooseVideo } from './choose-payload.ts';
import { writeAnswer } from './sdp-answer.ts';
import { parseOffer, type Offer } from './sdp-offer.ts';

const chromium = readFileSync(new URL('./test/chromium-offer.txt', import.meta.url), 'utf8');
const h264 = (codecString: string): VideoTrack => ({
  kind: 'video',
  codec: 'h264',
  clockRateHz: 90_000,
  parameterSets: [],
  codecString,
  widthPx: 16,
  heightPx: 16,
  reorderDepth: 0,
  frameRate: undefined,
});
const sound = (codec: AudioTrack['codec'], sampleRateHz: number): AudioTrack => ({
  kind: 'audio',
  codec,
  clockRateHz: sampleRateHz,
  sampleRateHz,
  channels: 1,
  config: new Uint8Array(),
  codecString: codec,
});
const local = {
  usernameFragment: 'abcd',
  password: 'abcdefghijklmnopqrstuv',
  fingerprints: [{ algorithm: 'sha-256', value: 'AA:BB' }],
  candidates: ['1 1 udp 2130706431 192.0.2.1 5000 typ host'],
};

function offerOf(text: string): Offer {
  const offer = parseOffer(text);
  if ('problem' in offer) assert.fail(offer.problem);
  return offer;
}
function answerTo(offer: Offer, audio?: number): string {
  const video = chooseVideo(offer.sections[offer.video]!, h264('avc1.64001f'))!;
  return writeAnswer({
    offer,
    local,
    video: { payloadType: video.payloadType, ssrc: 11 },
    audio: audio === undefined ? undefined : { payloadType: audio, ssrc: 22 },
    sessionId: '7',
    cname: 'house',
  });
}

describe('a WHEP offer', () => {
  it('of Chromium is understood', () => {
    const offer = offerOf(chromium);
    assert.deepEqual([offer.audio, offer.video, offer.bundled, offer.sections.length], [0, 1, true, 3]);
    assert.equal(offer.transport.fingerprints[0]!.algorithm, 'sha-256');
    assert.equal(offer.transport.candidates.length, 0);
  });

  it('gives the profile of the stream, else 42e01f, always with packetization-mode 1', () => {
    const section = offerOf(chromium).sections[1]!;
    const chosen = (codecString: string): string => {
      const parameters = chooseVideo(section, h264(codecString))!.parameters;
      assert.equal(parameters.get('packetization-mode'), '1');
      return parameters.get('profile-level-id')!;
    };
    assert.equal(chosen('avc1.42c028'), '42001f');
    assert.equal(chosen('avc1.4d4028'), '4d001f');
    assert.equal(chosen('avc1.640028'), '42e01f');
    assert.equal(chooseVideo(section, { ...h264('hvc1.1.6.L93.B0'), codec: 'h265' }), undefined);
  });

  it('gives sound only in the coding that the camera sends', () => {
    const section = offerOf(chromium).sections[0]!;
    assert.equal(chooseAudio(section, sound('pcmu', 8000))?.payloadType, 0);
    assert.equal(chooseAudio(section, sound('pcma', 8000))?.payloadType, 8);
    assert.equal(chooseAudio(section, sound('opus', 48_000))?.payloadType, 111);
    assert.equal(chooseAudio(section, sound('pcmu', 16_000)), undefined);
    assert.equal(chooseAudio(section, sound('aac', 48_000)), undefined);
  });

  it('is answered section by section, with one payload type each and no congestion feedback', () => {
    const text = answerTo(offerOf(chromium), 8);
    const answer = parseSdp(text);
    assert.deepEqual(
      answer.media.map(({ kind, port, direction, payloads }) => [kind, port, direction, payloads.length]),
      [
        ['audio', 9, 'sendonly', 1],
        ['video', 9, 'sendonly', 1],
        ['application', 0, 'inactive', 0],
      ],
    );
    assert.match(text, /a=group:BUNDLE 0 1\r\n/);
    assert.match(text, /a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n/);
    assert.match(text, /a=rtcp-fb:108 nack pli\r\n/);
    assert.equal(text.match(/a=setup:passive/g)?.length, 2);
    assert.doesNotMatch(text, /transport-cc|goog-remb|extmap|rtx/);
  });

  it('without wanted sound keeps the audio section, inactive', () => {
    const answer = parseSdp(answerTo(offerOf(chromium)));
    assert.deepEqual([answer.media[0]!.port, answer.media[0]!.direction], [9, 'inactive']);
  });

  it('names no hosts for the house to look up, and no multicast', () => {
    const lines = [
      '1 1 udp 2113937151 6e1f2b7c-0000-4000-8000-000000000000.local 50000 typ host',
      '2 1 udp 2113937151 192.0.2.7 50000 typ host generation 0',
      '3 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active',
      '4 1 udp 2113937151 239.1.1.1 50000 typ host',
      '5 1 udp 2113937151 255.255.255.255 50000 typ host',
      '6 1 udp 2113937151 2001:db8::1 50000 typ host',
      '7 1 udp 2113937151 192.0.2.8 0 typ host',
    ];
    const text = chromium.replace(/(m=video[^\n]*\n)/, `$1${lines.map((line) => `a=candidate:${line}\n`).join('')}`);
    assert.deepEqual(
      offerOf(text).transport.candidates.map(({ address, port }) => `${address}:${port}`),
      ['192.0.2.7:50000'],
    );
  });

  for (const [what, change] of [
    ['no video', (text: string) => text.replace('m=video', 'm=text')],
    ['a video section that only sends', (text: string) => text.replaceAll('a=recvonly', 'a=sendonly')],
    ['no ICE credentials', (text: string) => text.replaceAll(/a=ice-ufrag.*\n/g, '')],
    ['no fingerprint', (text: string) => text.replaceAll(/a=fingerprint.*\n/g, '')],
    ['a fingerprint of MD5', (text: string) => text.replaceAll('sha-256', 'md5')],
    ['setup:passive', (text: string) => text.replaceAll('setup:actpass', 'setup:passive')],
    ['two sections with one mid', (text: string) => text.replaceAll(/a=mid:\d/g, 'a=mid:0')],
    ['too many sections', (text: string) => text + 'm=audio 9 UDP/TLS/RTP/SAVPF 0\n'.repeat(20)],
    ['more than 64 KiB', (text: string) => text + 'a=x\n'.repeat(20_000)],
    ['nothing', () => ''],
  ] as const) {
    it(`with ${what} is refused in words`, () => {
      const offer = parseOffer(change(chromium));
      assert.ok('problem' in offer && offer.problem.length > 10);
    });
  }

  it('may be any text: it is answered in whole lines or refused', () => {
    const lines = chromium.split('\n');
    const mutated = fc
      .array(
        fc.record({
          at: fc.nat(lines.length - 1),
          text: fc.oneof(fc.string(), fc.constantFrom(...lines), fc.string({ unit: 'binary' })),
        }),
        { maxLength: 12 },
      )
      .map((changes) => {
        const copy = [...lines];
        for (const { at, text } of changes) copy[at] = text;
        return copy.join('\n');
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string({ maxLength: 2000 })), (text) => {
        const offer = parseOffer(text);
        if ('problem' in offer) return;
        if (!chooseVideo(offer.sections[offer.video]!, h264('avc1.64001f'))) return;
        const answer = answerTo(offer);
        for (const line of answer.split('\r\n').slice(0, -1)) assert.match(line, /^[vostmca]=[\x20-\x7e]*$/);
        assert.equal(answer.match(/^m=/gm)?.length, offer.sections.length);
      }),
      { numRuns: 400 },
    );
  });
});
