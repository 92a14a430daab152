import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import {
  getHeader,
  parseAuthorization,
  parseTransport,
  RtspParser,
  toDigestResponse,
  writeInterleavedHeader,
  writeResponse,
  type DigestAlgorithm,
  type RtspHeaderList,
  type RtspRequest,
} from '@porchlight/media/rtsp';
import { writeRtcp, writeRtpPacket } from '@porchlight/media/rtp';
import { writeUtf8 } from '@porchlight/media/bytes';

/** H.264 High 640x480 without B-frames, as in many examples of RFC 6184 users. */
const parameterSets = 'Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==';
export const videoSdp =
  'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=fake\r\nt=0 0\r\na=control:*\r\n' +
  'm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n' +
  `a=fmtp:96 packetization-mode=1;sprop-parameter-sets=${parameterSets}\r\na=control:trackID=0\r\n`;
export const audioSdp = 'm=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:trackID=1\r\n';

export type FakeAnswer = { readonly status: number; readonly headers?: RtspHeaderList; readonly body?: string };

export type FakeCameraOptions = {
  readonly sdp?: string;
  readonly publicMethods?: string;
  readonly user?: {
    readonly username: string;
    readonly password: string;
    readonly algorithm: DigestAlgorithm | 'basic';
  };
  /** Answers in place of the camera; undefined: as usual. */
  readonly answer?: (request: RtspRequest, connection: number) => FakeAnswer | undefined;
  readonly session?: string;
};

/** A camera on a loopback port that does what a test says. */
export type FakeCamera = {
  readonly port: number;
  readonly url: string;
  /** `METHOD url` of everything asked, in order. */
  readonly asked: readonly string[];
  readonly requests: readonly RtspRequest[];
  /** Interleaved frames that the agent sent: receiver reports. */
  readonly reports: readonly { readonly channel: number; readonly bytes: Uint8Array }[];
  readonly connections: number;
  /** Resolves when a request with this method has been answered so often in all. */
  answered(method: string, count?: number): Promise<void>;
  /** One picture in one packet on channel 0. */
  sendPicture(key: boolean, rtpTimestamp: number): void;
  sendSenderReport(ntpMs: number, rtpTimestamp: number): void;
  sendRaw(bytes: Uint8Array): void;
  /** Breaks all connections. */
  drop(): void;
  close(): Promise<void>;
};

const ssrc = 0x1234;
const hash = (algorithm: 'MD5' | 'SHA-256', text: string): string =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text)
    .digest('hex');

/** Opens a fake camera. */
export async function openFakeCamera(options: FakeCameraOptions = {}): Promise<FakeCamera> {
  const sockets = new Set<Socket>();
  const requests: RtspRequest[] = [];
  const reports: { channel: number; bytes: Uint8Array }[] = [];
  const waiting: { method: string; count: number; resolve: () => void }[] = [];
  let connections = 0;
  let sequence = 0;
  let current: Socket | undefined;

  const checkWaiting = (): void => {
    for (const entry of waiting.splice(0)) {
      const seen = requests.filter(({ method }) => method === entry.method).length;
      if (seen >= entry.count) entry.resolve();
      else waiting.push(entry);
    }
  };
  const server = createServer((socket) => {
    const connection = ++connections;
    sockets.add(socket);
    current = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const parser = new RtspParser({
      onRequest(request) {
        requests.push(request);
        const { status, headers = [], body } = respond(options, request, connection);
        const sequenceHeader = ['CSeq', getHeader(request.headers, 'cseq') ?? '0'] as const;
        const bytes = body === undefined ? {} : { body: writeUtf8(body) };
        if (status > 0) socket.write(writeResponse({ status, headers: [sequenceHeader, ...headers], ...bytes }));
        setImmediate(checkWaiting);
      },
      onResponse: () => undefined,
      onInterleaved: (channel, bytes, start, end) => reports.push({ channel, bytes: bytes.slice(start, end) }),
    });
    socket.on('data', (chunk: Uint8Array) => parser.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const frame = (channel: number, bytes: Uint8Array): void => {
    current?.write(writeInterleavedHeader(channel, bytes.length));
    current?.write(bytes);
  };

  return {
    port,
    url: `rtsp://127.0.0.1:${port}/live`,
    requests,
    reports,
    get asked() {
      return requests.map(({ method, url }) => `${method} ${url}`);
    },
    get connections() {
      return connections;
    },
    answered: (method, count = 1) =>
      new Promise((resolve) => {
        waiting.push({ method, count, resolve });
        checkWaiting();
      }),
    sendPicture: (key, rtpTimestamp) => frame(0, toPicturePacket(key, rtpTimestamp, sequence++)),
    sendSenderReport: (ntpMs, rtpTimestamp) =>
      frame(
        1,
        writeRtcp([{ kind: 'sender-report', ssrc, ntpMs, rtpTimestamp, packetCount: 1, octetCount: 1, reports: [] }]),
      ),
    sendRaw: (bytes) => void current?.write(bytes),
    drop() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** An IDR or P slice of a few bytes, whole in one packet. */
export function toPicturePacket(key: boolean, timestamp: number, sequence: number): Uint8Array {
  const slice = key
    ? Uint8Array.of(0x65, 0x88, 0x84, 0x00, 0x33, 0xff)
    : Uint8Array.of(0x41, 0x9a, 0x24, 0x6c, 0x41, 0x7f);
  return writeRtpPacket({ payloadType: 96, marker: true, sequence, timestamp, ssrc }, slice);
}

function respond(options: FakeCameraOptions, request: RtspRequest, connection: number): FakeAnswer {
  const given = options.answer?.(request, connection);
  if (given) return given;
  const { user } = options;
  if (user && request.method !== 'OPTIONS' && !isAllowed(user, request)) {
    const challenge =
      user.algorithm === 'basic'
        ? 'Basic realm="fake"'
        : `Digest realm="fake", nonce="n1", algorithm=${user.algorithm}, qop="auth"`;
    return { status: 401, headers: [['WWW-Authenticate', challenge]] };
  }
  const session = options.session ?? 'abc;timeout=20';
  switch (request.method) {
    case 'OPTIONS':
      return {
        status: 200,
        headers: [['Public', options.publicMethods ?? 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN']],
      };
    case 'DESCRIBE':
      return { status: 200, headers: [['Content-Type', 'application/sdp']], body: options.sdp ?? videoSdp };
    case 'SETUP': {
      const transport = getHeader(request.headers, 'transport') ?? '';
      const { lower } = parseTransport(transport)[0]!;
      const answer = lower === 'udp' ? `${transport};server_port=6970-6971` : `${transport};ssrc=00001234`;
      return {
        status: 200,
        headers: [
          ['Transport', answer],
          ['Session', session],
        ],
      };
    }
    default:
      return { status: 200, headers: [['Session', session]] };
  }
}

function isAllowed(
  { username, password, algorithm }: NonNullable<FakeCameraOptions['user']>,
  request: RtspRequest,
): boolean {
  const given = parseAuthorization(getHeader(request.headers, 'authorization') ?? '');
  if (!given) return false;
  if (given.scheme === 'basic')
    return algorithm === 'basic' && given.username === username && given.password === password;
  if (algorithm === 'basic') return false;
  const field = (name: string): string => given.fields.get(name) ?? '';
  const expected = toDigestResponse({
    algorithm,
    username,
    realm: 'fake',
    password,
    method: request.method,
    url: request.url,
    nonce: 'n1',
    qop: field('qop'),
    nonceCount: field('nc'),
    clientNonce: field('cnonce'),
    hash,
  });
  return field('username') === username && field('response') === expected;
}
