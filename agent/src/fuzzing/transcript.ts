import { parseBase64, writeBase64, writeUtf8 } from '@porchlight/media/bytes';
import { packetizeH264 } from '@porchlight/media/h264';
import { packetizeH265 } from '@porchlight/media/h265';
import type { NalUnit } from '@porchlight/media/frame';
import { writeRtcp, writeRtpPacket } from '@porchlight/media/rtp';
import { writeInterleavedHeader } from '@porchlight/media/rtsp';

/** What a camera sends. */
export type Transcript = {
  /** How it is asked for media, and how that comes. */
  readonly over: 'tcp' | 'udp';
  /**
   * Answer by answer, one for each request in the order they come; what follows PLAY over TCP holds the media too. `{c}` stands for the
   * request's CSeq, `{t}` for its Transport, `{s}` for the camera's UDP ports.
   */
  readonly answers: readonly Uint8Array[];
  /** Over UDP, once the last answer is given: the first byte says where to (RTP and RTCP of the first track, then of the second). */
  readonly datagrams: readonly Uint8Array[];
};

const udpMark = 'udp';

/** A line of base64 for each answer; over UDP there is a line that says so in front, and a `>` before each datagram. */
export function writeTranscript({ over, answers, datagrams }: Transcript): string {
  const lines = [...answers.map((bytes) => writeBase64(bytes)), ...datagrams.map((bytes) => `>${writeBase64(bytes)}`)];
  return [...(over === 'udp' ? [udpMark] : []), ...lines].map((line) => `${line}\n`).join('');
}

/** The other way round. */
export function parseTranscript(text: string): Transcript {
  const [first, ...rest] = text.split('\n').slice(0, -1);
  const over = first === udpMark ? 'udp' : 'tcp';
  const lines = over === 'udp' || first === undefined ? rest : [first, ...rest];
  return {
    over,
    answers: lines.filter((line) => !line.startsWith('>')).map((line) => parseBase64(line)),
    datagrams: lines.filter((line) => line.startsWith('>')).map((line) => parseBase64(line.slice(1))),
  };
}

const pictureTicks = 3600;
const pictures = 30;
const keyEvery = 10;

type Coding = {
  readonly name: string;
  readonly sets: readonly string[];
  readonly fmtp: (sets: readonly string[]) => string;
  readonly key: readonly number[];
  readonly other: readonly number[];
  readonly typeOf: (first: number) => number;
  readonly packetize: (units: readonly NalUnit[], maxPayloadBytes: number) => Uint8Array[];
};

const h264: Coding = {
  name: 'H264',
  sets: ['Z0LAHtkDxWhAAAADAEAAAAwDxYuS', 'aMuMsg=='],
  fmtp: (sets) => `packetization-mode=1;sprop-parameter-sets=${sets.join(',')}`,
  key: [0x65, 0x88, 0x84, 0x00, 0x33],
  other: [0x41, 0x9a, 0x24, 0x6c, 0x41],
  typeOf: (first) => first & 0x1f,
  packetize: packetizeH264,
};
const h265: Coding = {
  name: 'H265',
  sets: [
    'QAEMAf//AWAAAAMAsAAAAwAAAwBarAwAAAMABAAAAwAyqA==',
    'QgEBAWAAAAMAsAAAAwAAAwBaoAWCAeFja5JFL83BQYFBAAADAAEAAAMADKE=',
    'RAHA8saNA7NA',
  ],
  fmtp: ([vps, sps, pps]) => `sprop-vps=${vps};sprop-sps=${sps};sprop-pps=${pps}`,
  key: [0x26, 0x01, 0xaf, 0x08, 0x40],
  other: [0x02, 0x01, 0xd0, 0x09, 0x7e],
  typeOf: (first) => (first >> 1) & 0x3f,
  packetize: packetizeH265,
};

type Sound = {
  readonly sdp: string;
  readonly payloadType: number;
  readonly ticks: number;
  readonly payload: Uint8Array;
};
const sounds: readonly (Sound | undefined)[] = [
  undefined,
  {
    sdp: 'm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=1\r\n',
    ...{ payloadType: 8, ticks: 320, payload: new Uint8Array(320).fill(0xd5) },
  },
  {
    sdp:
      'm=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\n' +
      'a=fmtp:97 streamtype=5;mode=AAC-hbr;config=1408;sizelength=13;indexlength=3;indexdeltalength=3\r\na=control:trackID=1\r\n',
    ...{ payloadType: 97, ticks: 1024, payload: Uint8Array.of(0, 16, 0, 6 << 3, 0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c) },
  },
];

/** Cameras that do everything right, in each coding with each sort of sound. */
export function goodTranscripts(over: Transcript['over'] = 'tcp'): Transcript[] {
  return [h264, h265].flatMap((coding) => sounds.map((sound) => toTranscript(coding, sound, over)));
}

function toTranscript(coding: Coding, sound: Sound | undefined, over: Transcript['over']): Transcript {
  const sdp =
    'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=camera\r\nt=0 0\r\na=control:*\r\n' +
    `m=video 0 RTP/AVP 96\r\na=rtpmap:96 ${coding.name}/90000\r\na=fmtp:96 ${coding.fmtp(coding.sets)}\r\na=control:trackID=0\r\n` +
    (sound?.sdp ?? '');
  const head = (more: string): string => `RTSP/1.0 200 OK\r\nCSeq: {c}\r\n${more}`;
  const ports = over === 'udp' ? ';server_port={s}' : '';
  const setUp = head(`Transport: {t}${ports};ssrc=00001234\r\nSession: abc;timeout=60\r\n\r\n`);
  const answers = [
    head('Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n\r\n'),
    head(`Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`),
    setUp,
    ...(sound ? [setUp] : []),
  ].map(writeUtf8);
  const play = writeUtf8(head('Session: abc\r\nRTP-Info: url=trackID=0;seq=100;rtptime=1000\r\n\r\n'));
  const packets = toPackets(coding, sound);
  if (over === 'udp') {
    const datagrams = packets.map(({ channel, packet }) => Uint8Array.from([channel, ...packet]));
    return { over, answers: [...answers, play], datagrams };
  }
  const media = packets.map(({ channel, packet }) => [...writeInterleavedHeader(channel, packet.length), ...packet]);
  return { over, answers: [...answers, Uint8Array.from([...play, ...media.flat()])], datagrams: [] };
}

type Packet = { readonly channel: number; readonly packet: Uint8Array };

function toPackets(coding: Coding, sound: Sound | undefined): Packet[] {
  const packets: Packet[] = [];
  const send = (channel: number, packet: Uint8Array): void => void packets.push({ channel, packet });
  let sequence = 100;
  for (let picture = 0; picture < pictures; picture++) {
    const timestamp = 1000 + picture * pictureTicks;
    const payloads = coding.packetize(toUnits(coding, picture % keyEvery === 0), 300);
    payloads.forEach((payload, index) => {
      const marker = index === payloads.length - 1;
      send(0, writeRtpPacket({ payloadType: 96, marker, sequence: sequence++, timestamp, ssrc: 0x1234 }, payload));
    });
    if (sound) {
      const fields = { payloadType: sound.payloadType, marker: true, ssrc: 0x5678 };
      send(2, writeRtpPacket({ ...fields, sequence: picture, timestamp: picture * sound.ticks }, sound.payload));
    }
    if (picture % 10 === 5) send(1, toReport(timestamp));
  }
  return packets;
}

/**
 * A camera that says what a good one says, and sends these payloads, each with a right header: what a depacketizer makes of them is all
 * that counts. `kind` says of which coding they are to be.
 */
export function payloadTranscript(kind: 'h264' | 'h265' | 'aac', payloads: readonly Uint8Array[]): Transcript {
  const coding = kind === 'h265' ? h265 : h264;
  const good = toTranscript(coding, kind === 'aac' ? sounds.at(-1) : undefined, 'udp');
  const [route, payloadType] = kind === 'aac' ? [2, 97] : [0, 96];
  const first = kind === 'aac' ? pictures : 1000;
  const more = payloads.map((payload, index) => {
    const fields = {
      payloadType,
      marker: index % 3 === 2,
      sequence: first + index,
      ssrc: kind === 'aac' ? 0x5678 : 0x1234,
    };
    const packet = writeRtpPacket({ ...fields, timestamp: 200_000 + Math.floor(index / 3) * pictureTicks }, payload);
    return Uint8Array.from([route, ...packet]);
  });
  return { ...good, datagrams: [...good.datagrams, ...more] };
}

function toUnits(coding: Coding, key: boolean): NalUnit[] {
  const slice = new Uint8Array(key ? 700 : 90).fill(0x5a);
  slice.set(key ? coding.key : coding.other);
  return [...(key ? coding.sets.map((text) => parseBase64(text)) : []), slice].map((part) => ({
    ...{ type: coding.typeOf(part[0]!), parts: [part], sizeBytes: part.length },
  }));
}

function toReport(rtpTimestamp: number): Uint8Array {
  const counts = { packetCount: 1, octetCount: 1, reports: [] };
  return writeRtcp([{ kind: 'sender-report', ssrc: 0x1234, ntpMs: 1_700_000_000_000, rtpTimestamp, ...counts }]);
}
