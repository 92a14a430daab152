import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import { parseLatin1, parseUtf8 } from '#bytes';
import type { AudioTrack, VideoTrack } from '#frame';
import { openRtpReceiver } from '#rtp';
import {
  getHeader,
  getSequence,
  parseChallenges,
  parseRtpInfo,
  parseSession,
  parseTransport,
  RtspParser,
  toBaseUrl,
  toControlUrl,
  type RtspResponse,
} from '#rtsp';
import { parseSdp } from '#sdp';
import { openPayload } from './index.ts';

function readResponse(file: string): RtspResponse {
  const responses: RtspResponse[] = [];
  const refuse = (): never => assert.fail('expected one response');
  const sink = { onResponse: (one: RtspResponse) => responses.push(one), onRequest: refuse, onInterleaved: refuse };
  new RtspParser(sink).push(readFileSync(footagePath('rtsp', file)));
  assert.equal(responses.length, 1, file);
  return responses[0]!;
}

/** What a session makes of a DESCRIBE: one line for each media section. */
function toLines(response: { headers: RtspResponse['headers'] }, body: Uint8Array, requestUrl: string): string[] {
  const base = toBaseUrl(requestUrl, response.headers);
  return parseSdp(parseUtf8(body)).media.map((media, track) => {
    const sink = { onTrack: () => undefined, onFrame: () => undefined, onDamage: () => undefined };
    const payload = openPayload({ media, track, sink });
    if ('unsupported' in payload) return payload.unsupported;
    const { description, payloadType } = payload;
    const url = toControlUrl(base, media.control);
    if (!description) return `${payloadType} ${url} in-band`;
    return `${payloadType} ${url} ${description.kind === 'video' ? toVideoWords(description) : toAudioWords(description)}`;
  });
}

const toVideoWords = ({ codecString, widthPx, heightPx, frameRate }: VideoTrack): string =>
  `${codecString} ${widthPx}x${heightPx} ${frameRate === undefined ? '-' : Math.round(frameRate * 100) / 100}`;
const toAudioWords = ({ codecString, sampleRateHz, channels, clockRateHz }: AudioTrack): string =>
  `${codecString} ${sampleRateHz}/${clockRateHz} x${channels}`;

const described: Readonly<Record<string, { shows: string; lines: string[] }>> = {
  'anjvision_describe.txt': {
    shows: 'a Content-Base without scheme, H.265, a frame rate as x-framerate',
    lines: ['96 rtsp://request/url/trackID=1 hvc1.1.2.L153 1280x704 5'],
  },
  'bunny_describe.txt': {
    shows: 'sound before pictures, an AU clock of 12 kHz',
    lines: [
      '96 rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov/trackID=1 mp4a.40.2 12000/12000 x2',
      '97 rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov/trackID=2 avc1.42c01e 240x160 24',
    ],
  },
  'dahua_describe_h264_aac_onvif.txt': {
    shows: 'a base that ends in a query and a slash, a zero byte behind the PPS, ONVIF metadata',
    lines: [
      '96 rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif/trackID=0 avc1.64001e 704x480 15',
      '97 rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif/trackID=1 mp4a.40.2 48000/48000 x1',
      'application is neither picture nor sound',
    ],
  },
  'dahua_describe_h265_pcma.txt': {
    shows: 'H.265 parameter sets out of order, G.711 A-law',
    lines: [
      '98 rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=0 hvc1.1.6.L90.B0 704x480 12',
      '8 rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=1 alaw 8000/8000 x1',
    ],
  },
  'foscam_describe.txt': {
    shows: 'a static payload type without rtpmap',
    lines: [
      '96 rtsp://192.168.5.107:65534/videoMain/track1 avc1.4d001f 1280x720 -',
      '0 rtsp://192.168.5.107:65534/videoMain/track2 ulaw 8000/8000 x1',
    ],
  },
  'gw_main_describe.txt': {
    shows: 'start codes behind the parameter sets, a base with query, PCMU named for the type of PCMA',
    lines: [
      '96 rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif/video avc1.4d002a 1920x1080 -',
      '8 rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif/audio ulaw 8000/8000 x1',
    ],
  },
  'hikvision_describe.txt': {
    shows: 'absolute controls with query',
    lines: [
      '96 rtsp://192.168.5.106:554/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1 avc1.4d0029 1920x1080 30',
      'application is neither picture nor sound',
    ],
  },
  'missing_content_type_describe.txt': {
    shows: 'no Content-Type, no Content-Base, AAC that says behind its config that it has no SBR',
    lines: [
      '96 rtsp://request/url/streamid=0 avc1.64000d 320x180 30',
      '97 rtsp://request/url/streamid=1 mp4a.40.2 48000/48000 x2',
    ],
  },
};

describe('the museum of camera replies', needs('footage'), () => {
  for (const [file, { shows, lines }] of Object.entries(described)) {
    test(`${file}: ${shows}`, () => {
      const response = readResponse(file);
      assert.equal(response.status, 200);
      assert.deepEqual(toLines(response, response.body, 'rtsp://request/url'), lines);
    });
  }

  test('anpviz_sdp.txt: a bare description, AAC as static type 0 with nothing but a config', () => {
    const body = readFileSync(footagePath('rtsp', 'anpviz_sdp.txt'));
    assert.deepEqual(toLines({ headers: new Map() }, body, 'rtsp://request/url'), [
      '96 rtsp://request/url/trackID=1 avc1.4d401f 704x576 12',
      '0 rtsp://request/url/trackID=2 mp4a.40.2 16000/16000 x1',
    ]);
  });

  const transportOf = (file: string) => {
    const { headers, status } = readResponse(file);
    assert.equal(status, 200);
    const [transport] = parseTransport(getHeader(headers, 'transport') ?? '');
    return { ...transport, session: parseSession(getHeader(headers, 'session') ?? '') };
  };

  test('setups: SSRC with a space (Hikvision), no unicast (Luckfox), source and destination (GW)', () => {
    const { lower, interleaved, ssrc, session } = transportOf('hikvision_setup_ssrc_space.txt');
    assert.deepEqual([lower, interleaved, ssrc, session.id], ['tcp', [0, 1], 0xd6d6627, '708886412']);
    const quoted = transportOf('hikvision_setup.txt');
    assert.deepEqual([quoted.mode, quoted.ssrc, quoted.session.id], ['play', 0x4cacc3d1, '708345999']);
    assert.equal(transportOf('dahua_setup.txt').ssrc, 0x30a98ee7);
    assert.deepEqual(transportOf('bunny_setup.txt').session, { id: '1642021126', timeoutMs: 60_000 });
    const audio = transportOf('gw_main_setup_audio.txt');
    assert.deepEqual([audio.interleaved, audio.source, audio.destination], [[2, 3], '192.168.1.110', '192.168.1.210']);
    assert.deepEqual(transportOf('gw_main_setup_video.txt').interleaved, [0, 1]);
    const tcp = transportOf('luckfox_rkipc_setup_tcp.txt');
    assert.deepEqual([tcp.lower, tcp.interleaved, tcp.ssrc], ['tcp', [0, 1], 0x22345684]);
    const udp = transportOf('luckfox_rkipc_setup_udp.txt');
    assert.deepEqual([udp.lower, udp.clientPorts, udp.serverPorts], ['udp', [54_060, 54_061], [49_152, 49_153]]);
  });

  const infoOf = (file: string) => parseRtpInfo(getHeader(readResponse(file).headers, 'rtp-info') ?? '');

  test('plays: relative and absolute URLs, a URL with a query, fewer tracks than set up, rtptime -1', () => {
    assert.deepEqual(infoOf('bunny_play.txt')[0], { url: 'trackID=1', sequence: 1, rtpTimestamp: 0 });
    assert.deepEqual(
      infoOf('dahua_play.txt').map(({ rtpTimestamp }) => rtpTimestamp),
      [3475222385, 2234446919, 816418535],
    );
    assert.deepEqual(infoOf('hikvision_play.txt'), [
      {
        url: 'rtsp://192.168.5.106:554/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1',
        sequence: 24104,
        rtpTimestamp: 1270711678,
      },
    ]);
    assert.equal(infoOf('gw_main_play.txt').length, 1);
    const bad = infoOf('bad_rtptime.txt');
    assert.deepEqual(
      bad.map(({ sequence, rtpTimestamp }) => [sequence, rtpTimestamp]),
      [
        [1, undefined],
        [1, undefined],
      ],
    );
    assert.match(bad[1]!.url, /^rtsp:.*trackID=2$/);
  });

  test('dahua_options.txt and longse_unauthorized.txt: methods, a Digest challenge without qop, a space behind CSeq', () => {
    const options = readResponse('dahua_options.txt');
    assert.match(getHeader(options.headers, 'Public') ?? '', /GET_PARAMETER/);
    const unauthorized = readResponse('longse_unauthorized.txt');
    assert.deepEqual([unauthorized.status, getSequence(unauthorized.headers)], [401, 1]);
    const [challenge] = parseChallenges(unauthorized.headers.get('www-authenticate') ?? []);
    assert.ok(challenge?.scheme === 'digest');
    const { realm, nonce, algorithm, algorithmStated, qop } = challenge;
    assert.deepEqual(
      [realm, nonce, algorithm, algorithmStated, qop],
      ['Surveillance Server', '98481030', 'MD5', false, []],
    );
  });

  test('axis-metadata-*.bin: RTP packets of ONVIF metadata, one whole and one in two', () => {
    const names = ['packet1-full', 'packet2-fragment1', 'packet2-fragment2'];
    const payloads: string[] = [];
    for (const name of names) {
      const receiver = openRtpReceiver({
        clockRateHz: 90_000,
        reorder: 'none',
        onPayload: (payload) => payloads.push(parseLatin1(payload)),
        onLost: () => assert.fail('expected no loss'),
      });
      receiver.push(readFileSync(footagePath('rtsp', `axis-metadata-rtp-${name}.bin`)), 0);
    }
    assert.equal(payloads.length, 3);
    assert.match(payloads[0]!, /^<\?xml.*<\/tt:MetadataStream>\s*$/s);
  });

  test('every file of the museum is named in a test above', () => {
    const source = readFileSync(import.meta.filename, 'utf8');
    const files = needs('footage').skip === false ? readdirSync(footagePath('rtsp')) : [];
    for (const file of files) {
      assert.ok(file.startsWith('axis-metadata-') || source.includes(file), `${file} has no test`);
    }
  });
});
