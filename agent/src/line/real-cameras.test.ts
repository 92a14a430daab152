import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { LineConfig } from './index.ts';
import { hashPictures, hashSounds, openFilm, withSetsOf, type Film } from './test/film.ts';
import { record } from './test/record.ts';
import { openScriptedCamera, type Script } from './test/scripted-camera.ts';
import { makeAac, makeG711, type Sound } from './test/sound.ts';

const films = {
  h264: 'video/carpark-car-and-cyclist.mp4',
  'h264-b': 'bitstreams/containers/androidx-bbb_800x640_768kbps_30fps_avc_pyramid_3b.mp4',
  'h265-b': 'bitstreams/containers/androidx-h265_bframes.mp4',
  h265: 'video/warehouse-worker-h265.mp4',
};

/** What a camera's recorded answers come to. Controls are what SETUP asks for, as the camera wrote them or put behind `{url}`. */
type Museum = {
  readonly camera: string;
  readonly describe: string;
  readonly options?: string;
  readonly setUp?: readonly string[];
  readonly play?: string;
  readonly refuse?: string;
  readonly path: string;
  readonly film: keyof typeof films;
  readonly videoType: number;
  readonly sound?: () => Sound;
  readonly controls: readonly string[];
  readonly playUrl: string;
  readonly config?: Partial<LineConfig>;
};

const hikvision = {
  describe: 'hikvision_describe.txt',
  play: 'hikvision_play.txt',
  path: '/Streaming/Channels/101/',
  film: 'h264',
  videoType: 96,
  controls: ['rtsp://192.168.5.106:554/Streaming/Channels/101/trackID=1?transportmode=unicast&profile=Profile_1'],
  playUrl: 'rtsp://192.168.5.106:554/Streaming/Channels/101/?transportmode=unicast&profile=Profile_1',
} as const;
const bunny = {
  describe: 'bunny_describe.txt',
  setUp: ['bunny_setup.txt', 'bunny_setup.txt'],
  path: '/vod/mp4:BigBuckBunny_115k.mov',
  film: 'h264',
  videoType: 97,
  sound: () => makeAac(96, 12_000, 2),
  controls: ['trackID=2', 'trackID=1'].map(
    (track) => `rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov/${track}`,
  ),
  playUrl: 'rtsp://wowzaec2demo.streamlock.net/vod/mp4:BigBuckBunny_115k.mov/',
} as const;
const luckfox = {
  describe: 'missing_content_type_describe.txt',
  path: '/live/0',
  film: 'h264',
  videoType: 96,
  sound: () => makeAac(97, 48_000, 2),
  controls: ['{url}/live/0/streamid=0', '{url}/live/0/streamid=1'],
  playUrl: '{url}/live/0',
} as const;
const gwBase = 'rtsp://192.168.1.110:5050/H264?channel=1&subtype=0&unicast=true&proto=Onvif';
const dahuaBase = 'rtsp://192.168.5.111:554/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif/';

const museum: readonly Museum[] = [
  { camera: 'Hikvision: absolute controls, Session behind eight spaces', ...hikvision, setUp: ['hikvision_setup.txt'] },
  { camera: 'Hikvision: a space inside ssrc', ...hikvision, setUp: ['hikvision_setup_ssrc_space.txt'] },
  {
    camera: 'Dahua: H.264 with AAC and ONVIF metadata, controls behind the query of Content-Base',
    describe: 'dahua_describe_h264_aac_onvif.txt',
    options: 'dahua_options.txt',
    setUp: ['dahua_setup.txt', 'dahua_setup.txt'],
    play: 'dahua_play.txt',
    path: '/cam/realmonitor?channel=1&subtype=1&unicast=true&proto=Onvif',
    film: 'h264-b',
    videoType: 96,
    sound: () => makeAac(97, 48_000, 1),
    controls: [`${dahuaBase}trackID=0`, `${dahuaBase}trackID=1`],
    playUrl: dahuaBase,
  },
  {
    camera: 'Dahua: H.265 with PCMA',
    describe: 'dahua_describe_h265_pcma.txt',
    options: 'dahua_options.txt',
    setUp: ['dahua_setup.txt', 'dahua_setup.txt'],
    play: 'dahua_play.txt',
    path: '/cam/realmonitor?channel=1&subtype=2',
    film: 'h265-b',
    videoType: 98,
    sound: () => makeG711(8),
    controls: [0, 1].map((track) => `rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/trackID=${track}`),
    playUrl: 'rtsp://cam-driveway/cam/realmonitor?channel=1&subtype=2/',
  },
  {
    camera: 'Foscam with live555 of 2014: PCMU without rtpmap',
    describe: 'foscam_describe.txt',
    path: '/videoMain',
    film: 'h264',
    videoType: 96,
    sound: () => makeG711(0),
    controls: ['rtsp://192.168.5.107:65534/videoMain/track1', 'rtsp://192.168.5.107:65534/videoMain/track2'],
    playUrl: 'rtsp://192.168.5.107:65534/videoMain/',
  },
  {
    camera: 'Anjvision with live555 of 2011: H.265, Content-Base without a scheme',
    describe: 'anjvision_describe.txt',
    path: '/stream0',
    film: 'h265',
    videoType: 96,
    controls: ['{url}/stream0/trackID=1'],
    playUrl: '{url}/stream0',
  },
  {
    camera: 'Anpviz: AAC as payload type 0 without mode or sizes',
    describe: 'anpviz_sdp.txt',
    path: '/stream1',
    film: 'h264',
    videoType: 96,
    sound: () => makeAac(0, 16_000, 1),
    controls: ['{url}/stream1/trackID=1', '{url}/stream1/trackID=2'],
    playUrl: '{url}/stream1',
  },
  {
    camera: 'GW: a start code behind each parameter set, PCMU as payload type 8, RTP-Info for video only',
    describe: 'gw_main_describe.txt',
    setUp: ['gw_main_setup_video.txt', 'gw_main_setup_audio.txt'],
    play: 'gw_main_play.txt',
    path: '/H264?channel=1&subtype=0&unicast=true&proto=Onvif',
    film: 'h264',
    videoType: 96,
    sound: () => makeG711(8),
    controls: [`${gwBase}/video`, `${gwBase}/audio`],
    playUrl: gwBase,
  },
  { camera: 'Wowza: sound described before video', ...bunny, play: 'bunny_play.txt' },
  { camera: 'Wowza: rtptime=-1', ...bunny, play: 'bad_rtptime.txt' },
  {
    camera: 'Longse: Digest without qop or algorithm, a space behind CSeq',
    ...luckfox,
    refuse: 'longse_unauthorized.txt',
    config: { credentials: { username: 'admin', password: 'marked-secret' } },
  },
  {
    camera: 'Luckfox over TCP: no unicast',
    ...luckfox,
    setUp: ['luckfox_rkipc_setup_tcp.txt', 'luckfox_rkipc_setup_tcp.txt'],
  },
  {
    camera: 'Luckfox over UDP',
    ...luckfox,
    setUp: ['luckfox_rkipc_setup_udp.txt', 'luckfox_rkipc_setup_udp.txt'],
    config: { transport: 'udp' },
  },
  { camera: 'ffmpeg behind a server that leaves out Content-Type', ...luckfox },
];

/** What a film decodes to; asked once. */
const sources = new Map<string, string[]>();
const hashSource = (path: string): string[] => {
  const hashes = sources.get(path) ?? hashPictures(path);
  sources.set(path, hashes);
  return hashes;
};

const read = (file: string): string =>
  readFileSync(footagePath('rtsp', file), 'latin1').replace(/^(CSeq:\s*)\d+/im, '$1{c}');
const ok = 'RTSP/1.0 200 OK\r\nCSeq: {c}\r\n';

/** The description as it was recorded; told to, with the film's parameter sets in place of the camera's. */
function toDescription({ describe: file }: Museum, film: Film, inBand: boolean): string {
  const text = read(file);
  const bare = !text.startsWith('RTSP/');
  if (inBand && !bare) return text;
  const bodyAt = bare ? 0 : text.indexOf('\r\n\r\n') + 4;
  const body = inBand ? text : withSetsOf(film, text.slice(bodyAt));
  const head = bare ? `${ok}Content-Type: application/sdp\r\nContent-Length: 0\r\n\r\n` : text.slice(0, bodyAt);
  return head.replace(/^(Content-Length:\s*)\d+/im, `$1${body.length}`) + body;
}

/** The second track gets the channels it asked for: of most cameras only the first SETUP was recorded. */
function toScript(shown: Museum, film: Film, inBand: boolean): Script {
  return ({ method, headers }, { nth }) => {
    if (shown.refuse !== undefined && method !== 'OPTIONS' && !headers.has('authorization')) return read(shown.refuse);
    const setUp = shown.setUp?.[nth - 1];
    const recorded = {
      OPTIONS: shown.options && read(shown.options),
      DESCRIBE: toDescription(shown, film, inBand),
      SETUP: setUp && read(setUp).replace(/interleaved=\d-\d/, `interleaved=${2 * nth - 2}-${2 * nth - 1}`),
      PLAY: shown.play && read(shown.play),
    }[method];
    if (recorded !== undefined) return recorded;
    if (method === 'SETUP') return `${ok}Transport: {t}\r\nSession: 12345678\r\n\r\n`;
    return method === 'OPTIONS' ? `${ok}Public: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY\r\n\r\n` : `${ok}\r\n`;
  };
}

describe("real cameras' answers, played through to a recording", needs('ffmpeg', 'footage'), () => {
  for (const shown of museum) {
    for (const inBand of [true, false]) {
      const where = inBand ? 'in the stream' : 'in the description';
      test(`${shown.camera} (parameter sets ${where})`, async () => {
        using folder = openTempFolder();
        const film = openFilm(footagePath(films[shown.film]));
        const sound = shown.sound?.();
        const camera = await openScriptedCamera({
          ...{ film, sound, inBand, videoType: shown.videoType, script: toScript(shown, film, inBand) },
        });
        const recorded = await record(camera, { folder: folder.path, ...shown });
        const asked = (method: string): string[] =>
          camera.requests
            .filter((request) => request.method === method)
            .map(({ url }) => url.replace(camera.url, '{url}'));
        await camera.close();
        assert.deepEqual([...new Set(asked('SETUP'))], shown.controls);
        assert.equal(asked('PLAY').at(-1), shown.playUrl);
        assert.equal(camera.connections, 1, 'it stays connected');
        assert.equal(recorded.paths.length, 1, 'in one file');
        const source = hashSource(film.path);
        assert.deepEqual(hashPictures(recorded.paths[0]!).slice(0, source.length), source);
        if (sound) checkSound(recorded.paths[0]!, sound);
        assert.ok(!JSON.stringify(recorded.log.lines).includes('marked-secret'));
        assert.deepEqual(Object.values(recorded.report.damage).filter(Boolean), []);
      });
    }
  }

  test('every recorded answer of a camera is played above', () => {
    const played = new Set(
      museum.flatMap(({ describe: one, options, play, refuse, setUp = [] }) => [one, options, play, refuse, ...setUp]),
    );
    for (const file of readdirSync(footagePath('rtsp'))) assert.ok(file.endsWith('.bin') || played.has(file), file);
  });
});

/** All sound that came with pictures is there, in order. */
function checkSound(path: string, { pieces, clockRateHz, ticks }: Sound): void {
  const heard = hashSounds(path);
  if (ticks !== 1024) return assert.ok(heard.length > 10, 'G.711 is there, as FLAC');
  const said = pieces.map((piece) => createHash('md5').update(piece).digest('hex'));
  const first = said.indexOf(heard[0]!);
  assert.ok(first >= 0 && first * ticks < clockRateHz, 'from the first second on');
  assert.deepEqual(heard, said.slice(first, first + heard.length));
}
