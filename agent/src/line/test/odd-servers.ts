import assert from 'node:assert/strict';
import { writeInterleavedHeader } from '@porchlight/media/rtsp';
import type { LineConfig } from '../index.ts';
import { withSetsOf, type Film } from './film.ts';
import type { Recorded } from './record.ts';
import type { Script, ScriptedCamera, ScriptedOptions } from './scripted-camera.ts';
import { makeG711 } from './sound.ts';

const head = 'RTSP/1.0 200 OK\r\nCSeq: {c}\r\n';
const session = 'Session: 6A1F77;timeout=60\r\n';
const video = [
  ...['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=camera', 't=0 0', 'a=control:*', 'm=video 0 RTP/AVP 96'],
  ...['a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=x,y', 'a=control:trackID=0'],
];
const audio = ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', 'a=control:trackID=1'];
const user = { username: 'admin', password: 'p:w' };

/** A description as lines; `base` headers stand before its length. */
const described = (lines: readonly string[], more = '', lengthOff = 0): string => {
  const sdp = `${lines.join('\r\n')}\r\n`;
  return `${head}${more}Content-Type: application/sdp\r\nContent-Length: ${sdp.length + lengthOff}\r\n\r\n${sdp}`;
};

/** A server that does everything right. */
const plain: Record<string, string> = {
  OPTIONS: `${head}Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n\r\n`,
  DESCRIBE: described(video),
  SETUP: `${head}Transport: {t};ssrc=30A98EE7\r\n${session}\r\n`,
  PLAY: `${head}${session}RTP-Info: url={url}/live/trackID=0;seq=1;rtptime=1\r\n\r\n`,
  GET_PARAMETER: `${head}${session}\r\n`,
  TEARDOWN: `${head}\r\n`,
};

/** A server that does one thing its own way, and what has to come of it. */
export type OddServer = {
  readonly server: string;
  /** In place of the plain answer; undefined leaves that. */
  readonly answer?: (...given: Parameters<Script>) => ReturnType<Script>;
  readonly options?: Partial<ScriptedOptions>;
  readonly config?: Partial<LineConfig>;
  /** The connection is lost on the way: the film is recorded whole at last. */
  readonly reconnects?: number;
  readonly onStep?: (camera: ScriptedCamera, elapsedMs: number) => void;
  readonly check?: (camera: ScriptedCamera, recorded: Recorded) => void;
};

const every =
  (change: (answer: string) => string): NonNullable<OddServer['answer']> =>
  ({ method }) =>
    change(plain[method] ?? '');
const only =
  (wanted: string, answer: string): NonNullable<OddServer['answer']> =>
  ({ method }) =>
    method === wanted ? answer : undefined;
const asked = ({ requests }: ScriptedCamera, method: string): string[] =>
  requests.filter((request) => request.method === method).map(({ url }) => url.replace(/^rtsp:\/\/127[^/]*/, ''));
const refused = (challenge: string): string => `RTSP/1.0 401 Unauthorized\r\nCSeq: {c}\r\n${challenge}\r\n\r\n`;
const withoutPassword =
  (challenge: string, exempt: readonly string[] = []): NonNullable<OddServer['answer']> =>
  ({ method, headers }) =>
    !headers.has('authorization') && !exempt.includes(method) ? refused(challenge) : undefined;
const interleaved = (channel: number, bytes: readonly number[]): string =>
  Buffer.from([...writeInterleavedHeader(channel, bytes.length), ...bytes]).toString('latin1');
const senderReport = [0x80, 200, 0, 6, ...[0x30, 0xa9, 0x8e, 0xe7], ...Array.from({ length: 20 }, () => 1)];

/** What servers have been seen to do. */
export const oddServers: readonly OddServer[] = [
  { server: 'everything right' },
  {
    server: 'header names in small letters',
    answer: every((text) => text.replace(/^[\w-]+(?=:)/gm, (name) => name.toLowerCase())),
  },
  {
    server: 'line feeds alone',
    answer: every((text) =>
      text
        .replaceAll('\r\n', '\n')
        .replace(/(Content-Length: )\d+/, (_all, name: string) => `${name}${video.join('\n').length + 1}`),
    ),
  },
  { server: 'no reason behind the status', answer: every((text) => text.replace('200 OK', '200')) },
  { server: 'no CSeq', answer: every((text) => text.replace(/CSeq.*\r\n/, '')) },
  { server: 'another CSeq than was sent', answer: every((text) => text.replace('{c}', '9000{c}')) },
  {
    server: 'Session in spaces',
    answer: every((text) => text.replace(session, 'Session:   6A1F77  ; timeout = 60 \r\n')),
  },
  { server: 'no Session', answer: every((text) => text.replaceAll(session, '')) },
  {
    server: 'another Session with each SETUP',
    answer: ({ method }, { nth }) => (method === 'SETUP' ? plain['SETUP']!.replace('6A1F77', `S${nth}`) : undefined),
  },
  { server: 'an empty line before and behind each answer', answer: every((text) => `\r\n${text}`) },
  { server: 'answers in pieces of a few bytes', options: { pieceBytes: 7 } },
  {
    server: '100 Continue before each answer',
    answer: every((text) => `RTSP/1.0 100 Continue\r\nCSeq: {c}\r\n\r\n${text}`),
  },
  { server: 'RTSP/2.0 in its status lines', answer: every((text) => text.replace('RTSP/1.0', 'RTSP/2.0')) },
  {
    server: 'OPTIONS is not known to it',
    answer: only('OPTIONS', 'RTSP/1.0 501 Not Implemented\r\nCSeq: {c}\r\n\r\n'),
  },
  {
    server: 'it asks us',
    answer: ({ method }) =>
      method === 'PLAY'
        ? `${plain['PLAY']}OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\nANNOUNCE * RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nv=`
        : undefined,
  },
  // Descriptions.
  {
    server: 'no control in the description',
    answer: only('DESCRIBE', described(video.filter((line) => !line.includes('control')))),
    check: (camera) => assert.deepEqual([...asked(camera, 'SETUP'), ...asked(camera, 'PLAY')], ['/live', '/live']),
  },
  { server: 'control:* at the track', answer: only('DESCRIBE', described([...video.slice(0, -1), 'a=control:*'])) },
  {
    server: 'control with a slash in front',
    answer: only('DESCRIBE', described([...video.slice(0, -1), 'a=control:/live/track1'])),
    check: (camera) => assert.deepEqual(asked(camera, 'SETUP'), ['/live/track1']),
  },
  { server: 'Content-Base empty', answer: only('DESCRIBE', described(video, 'Content-Base: \r\n')) },
  {
    server: 'Content-Base without a slash at its end',
    answer: only('DESCRIBE', described(video, 'Content-Base: {url}/other\r\n')),
    check: (camera) => assert.deepEqual(asked(camera, 'SETUP'), ['/other/trackID=0']),
  },
  {
    server: 'Content-Location in place of it',
    answer: only('DESCRIBE', described(video, 'Content-Location: {url}/place/\r\n')),
    check: (camera) => assert.deepEqual(asked(camera, 'SETUP'), ['/place/trackID=0']),
  },
  { server: 'Content-Length too long', answer: only('DESCRIBE', described(video, '', 25)) },
  { server: 'Content-Length too short', answer: only('DESCRIBE', described(video, '', -25)) },
  { server: 'no Content-Length', answer: only('DESCRIBE', described(video).replace(/Content-Length.*\r\n/, '')) },
  {
    server: 'no parameter sets in the description',
    answer: only(
      'DESCRIBE',
      described(video).replace(/;sprop[^\r]*/, (all) => `;x=${'y'.repeat(all.length - 3)}`),
    ),
    options: { inBand: true },
  },
  {
    server: 'quotes around parameter sets',
    answer: only('DESCRIBE', described(video).replace('sprop-parameter-sets=x,y', 'sprop-parameter-sets="x,y"')),
  },
  {
    server: 'no rtpmap, but parameter sets',
    answer: only('DESCRIBE', described(video.filter((line) => !line.includes('rtpmap')))),
  },
  {
    server: 'codings it cannot do first, H.264 behind them',
    answer: only(
      'DESCRIBE',
      described(video.map((line) => (line.startsWith('m=') ? 'm=video 0 RTP/AVP 26 96' : line))),
    ),
  },
  {
    server: 'JPEG as the first of two videos',
    answer: only(
      'DESCRIBE',
      described([...video.slice(0, 5), 'm=video 0 RTP/AVP 26', 'a=control:trackID=9', ...video.slice(5)]),
    ),
    check: (camera) => assert.deepEqual(asked(camera, 'SETUP'), ['/live/trackID=0']),
  },
  {
    server: 'a backchannel beside video',
    answer: only('DESCRIBE', described([...video, 'm=audio 0 RTP/AVP 0', 'a=control:trackID=5', 'a=sendonly'])),
    check: (camera) => assert.deepEqual(asked(camera, 'SETUP'), ['/live/trackID=0']),
  },
  // Transport.
  {
    server: 'channels of its own choosing',
    answer: ({ method }) =>
      method === 'SETUP' ? `${head}Transport: RTP/AVP/TCP;unicast;interleaved=6-7\r\n${session}\r\n` : undefined,
    options: { channels: [6, 7] },
  },
  { server: 'no Transport in its answer', answer: only('SETUP', `${head}${session}\r\n`) },
  {
    server: 'a Transport without channels',
    answer: only('SETUP', `${head}Transport: RTP/AVP/TCP;unicast\r\n${session}\r\n`),
  },
  {
    server: 'a Transport that forgets TCP',
    answer: only('SETUP', `${head}Transport: RTP/AVP;unicast;mode=play\r\n${session}\r\n`),
  },
  {
    server: 'the same channels for picture and sound',
    answer: ({ method }) =>
      method === 'DESCRIBE'
        ? described([...video, ...audio])
        : method === 'SETUP'
          ? `${head}Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n${session}\r\n`
          : undefined,
    options: { sound: makeG711(8), channels: [0, 1, 0, 1] },
    check: (_camera, { report }) => assert.equal(report.streams[0]?.audioCodec, 'pcma'),
  },
  {
    server: 'UDP asked for and refused by 461',
    config: { transport: 'udp' },
    answer: ({ method, headers }) =>
      method === 'SETUP' && !headers.get('transport')![0]!.includes('TCP')
        ? 'RTSP/1.0 461 Unsupported Transport\r\nCSeq: {c}\r\n\r\n'
        : undefined,
    check: (_camera, { report }) => assert.equal(report.streams[0]?.transport, 'tcp'),
  },
  {
    server: 'TCP refused by 400',
    config: { transport: 'auto' },
    answer: ({ method, headers }) =>
      method === 'SETUP' && headers.get('transport')![0]!.includes('TCP')
        ? 'RTSP/1.0 400 Bad Request\r\nCSeq: {c}\r\n\r\n'
        : undefined,
    check: (_camera, { report }) => assert.equal(report.streams[0]?.transport, 'udp'),
  },
  {
    server: 'UDP without server_port, from any source',
    config: { transport: 'udp' },
    answer: only('SETUP', `${head}Transport: {t};source=0.0.0.0\r\n${session}\r\n`),
  },
  // Playing.
  { server: 'RTP-Info is missing', answer: only('PLAY', `${head}${session}\r\n`) },
  {
    server: 'reports before the answer to PLAY, and on a channel nobody asked for',
    answer: ({ method }) =>
      method === 'PLAY'
        ? interleaved(1, senderReport) + interleaved(4, senderReport) + plain['PLAY']! + interleaved(9, senderReport)
        : undefined,
  },
  { server: 'pictures before the answer to PLAY', options: { playFirst: 20 } },
  { server: 'PLAY is never answered, and pictures come', options: { playFirst: 5 }, answer: only('PLAY', '') },
  {
    server: 'it does not know Range',
    answer: ({ method, headers }) =>
      method === 'PLAY' && headers.has('range') ? 'RTSP/1.0 457 Invalid Range\r\nCSeq: {c}\r\n\r\n' : undefined,
  },
  {
    server: 'it plays tracks one by one',
    answer: ({ method, url }) =>
      method === 'PLAY' && !url.includes('trackID')
        ? 'RTSP/1.0 459 Aggregate Operation Not Allowed\r\nCSeq: {c}\r\n\r\n'
        : undefined,
    check: (camera) => assert.deepEqual(asked(camera, 'PLAY').at(-1), '/live/trackID=0'),
  },
  {
    server: 'a frame on an unknown channel between all others',
    options: {
      spoil: (frame) => Uint8Array.from([...Buffer.from(interleaved(200, senderReport), 'latin1'), ...frame]),
    },
  },
  {
    server: 'reports on the channel of pictures',
    options: { spoil: (frame) => Uint8Array.from([...Buffer.from(interleaved(0, senderReport), 'latin1'), ...frame]) },
  },
  { server: 'RTP with padding, contributing sources and an extension', options: { spoil: withEverything } },
  { server: 'zeros between frames', options: { spoil: (frame) => Uint8Array.from([...frame, 0, 0, 0]) } },
  { server: 'TEARDOWN is not answered', answer: only('TEARDOWN', '') },
  // Passwords.
  {
    server: 'Digest with everything that may stand in it',
    config: { credentials: user },
    answer: withoutPassword(
      'WWW-Authenticate: Digest realm = "IP \\"Camera\\"" , domain="::", qop="auth,auth-int", nonce="a=b, c:1", opaque="", algorithm="MD5", stale=FALSE',
    ),
  },
  {
    server: 'each 401 ends the connection',
    config: { credentials: user },
    reconnects: 1,
    options: { endsRefused: true },
    answer: withoutPassword('WWW-Authenticate: Digest realm="x", nonce="1"', ['OPTIONS']),
  },
  {
    server: 'several challenges in several headers',
    config: { credentials: user },
    answer: withoutPassword(
      'WWW-Authenticate: Basic realm="x"\r\nWWW-Authenticate: Digest realm="x", nonce="1", algorithm=SHA-512-256\r\nWWW-Authenticate: Digest realm="x", nonce="2"',
    ),
    check: ({ requests }) => assert.match(requests.at(-1)!.headers.get('authorization')![0]!, /^Digest .*nonce="2"/),
  },
  {
    server: 'Basic without a realm, not for OPTIONS',
    config: { credentials: user },
    answer: withoutPassword('WWW-Authenticate: Basic', ['OPTIONS']),
  },
  {
    server: 'another nonce with each request',
    config: { credentials: user },
    answer: ({ headers }, { nth, connection }) =>
      headers.get('authorization')?.[0]?.includes(`"n${connection}-${nth}"`) || nth % 2 === 0
        ? undefined
        : refused(`WWW-Authenticate: Digest realm="x", nonce="n${connection}-${nth}"`),
  },
  {
    server: 'a stale nonce in the middle of a session',
    config: { credentials: user },
    answer: ({ method, headers }) =>
      !headers.get('authorization')?.[0]?.includes(method === 'GET_PARAMETER' ? '"second"' : '"')
        ? refused(
            `WWW-Authenticate: Digest realm="x", nonce="${method === 'GET_PARAMETER' ? 'second", stale="true' : 'first'}"`,
          )
        : method === 'SETUP'
          ? plain['SETUP']!.replace('60', '4')
          : undefined,
    check: (camera) => assert.ok(asked(camera, 'GET_PARAMETER').length >= 2),
  },
  // Keeping alive.
  ...(['405 Method Not Allowed', '501 Not Implemented', '400 Bad Request'] as const).map((status): OddServer => {
    const answer: OddServer['answer'] = ({ method }) =>
      method === 'GET_PARAMETER'
        ? `RTSP/1.0 ${status}\r\nCSeq: {c}\r\n\r\n`
        : method === 'SETUP'
          ? plain['SETUP']!.replace('60', '2')
          : undefined;
    return {
      server: `GET_PARAMETER is ${status}`,
      answer,
      check: (camera) => assert.ok(asked(camera, 'OPTIONS').length >= 3),
    };
  }),
  {
    server: 'GET_PARAMETER is never answered',
    answer: ({ method }) =>
      method === 'GET_PARAMETER' ? '' : method === 'SETUP' ? plain['SETUP']!.replace('60', '2') : undefined,
  },
  {
    server: 'the session is forgotten: 454',
    reconnects: 1,
    answer: ({ method }, { connection }) =>
      method === 'GET_PARAMETER' && connection === 1
        ? 'RTSP/1.0 454 Session Not Found\r\nCSeq: {c}\r\n\r\n'
        : method === 'SETUP'
          ? plain['SETUP']!.replace('60', '2')
          : undefined,
  },
  {
    server: 'the connection is closed in the middle',
    reconnects: 1,
    onStep: (camera, elapsedMs) => void (elapsedMs === 2000 && camera.drop()),
  },
  // Elsewhere.
  {
    server: 'a redirect to another path, relative',
    answer: ({ method, url }) =>
      method === 'DESCRIBE' && url.endsWith('/live')
        ? 'RTSP/1.0 302 Found\r\nCSeq: {c}\r\nLocation: /elsewhere\r\n\r\n'
        : undefined,
    reconnects: 1,
    check: (camera) => assert.equal(asked(camera, 'DESCRIBE').at(-1), '/elsewhere'),
  },
];

/** The same packet with all that an RTP header may have. @see RFC 3550 5.1 */
function withEverything(frame: Uint8Array): Uint8Array {
  const [header, payload] = [frame.slice(4, 16), frame.subarray(16)];
  header[0] = 0x80 | 0x20 | 0x10 | 2;
  const more = [...[1, 2, 3, 4], ...[5, 6, 7, 8], ...[0xab, 0xad, 0, 1], ...[9, 9, 9, 9]];
  const packet = Uint8Array.from([...header, ...more, ...payload, 0, 0, 3]);
  return Uint8Array.from([...writeInterleavedHeader(frame[1]!, packet.length), ...packet]);
}

/** Its answers; the film's own parameter sets stand in each description. */
export function toScript({ answer }: OddServer, film: Film): Script {
  return (request, turn) => {
    const given = answer?.(request, turn) ?? plain[request.method] ?? `${head}\r\n`;
    if (!given.includes('sprop-')) return given;
    const filled = withSetsOf(film, given);
    const more = filled.length - given.length;
    return filled.replace(
      /(Content-Length: )(\d+)/i,
      (_all, name: string, length: string) => `${name}${Number(length) + more}`,
    );
  };
}
