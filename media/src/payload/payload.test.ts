import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSdp } from '#sdp';
import { openPayload, type Payload } from './index.ts';

const sink = { onTrack: () => undefined, onFrame: () => undefined, onDamage: () => undefined };

/** What becomes of one video section with these lines. */
function open(...lines: readonly string[]): Payload {
  const sdp = ['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'm=video 0 RTP/AVP 96', ...lines, ''].join('\r\n');
  return openPayload({ media: parseSdp(sdp).media[0]!, track: 0, sink });
}

test('H.265 out of decoding order (sprop-max-don-diff above 0) is refused in words', () => {
  const refused = open('a=rtpmap:96 H265/90000', 'a=fmtp:96 sprop-max-don-diff=2;profile-id=1');
  assert.deepEqual(refused, { unsupported: 'H.265 in interleaved mode' });
  for (const parameters of ['sprop-max-don-diff=0', 'profile-id=1'])
    assert.ok('depacketizer' in open('a=rtpmap:96 H265/90000', `a=fmtp:96 ${parameters}`), parameters);
});

test('H.264 out of decoding order (packetization-mode 2) is refused in words', () => {
  const refused = open('a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=2');
  assert.deepEqual(refused, { unsupported: 'H.264 in interleaved mode' });
});
