import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  findStrongestChallenge,
  getHeader,
  parseChallenges,
  RtspParser,
  writeDigestAuthorization,
  writeRequest,
  type Challenge,
  type RtspHeaderList,
  type RtspResponse,
} from '@porchlight/media/rtsp';

/** One RTP packet as it was received. */
export type Packet = {
  readonly track: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payload: Uint8Array;
};

export type TestClient = {
  readonly packets: Packet[];
  readonly reports: Uint8Array[];
  readonly closed: boolean;
  request(method: string, path?: string, headers?: RtspHeaderList): Promise<RtspResponse>;
  /** Sends without waiting for an answer. */
  send(method: string): void;
  /** Sets up all tracks interleaved and plays. */
  play(tracks?: number): Promise<void>;
  /** Resolves when the condition holds; looked at whenever something arrives. */
  until(condition: () => boolean): Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
};

const hash = (algorithm: 'MD5' | 'SHA-256', text: string): string =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text)
    .digest('hex');

/** A small RTSP client that answers Digest challenges when it has credentials. */
export async function openTestClient(
  url: string,
  credentials?: { readonly username: string; readonly password: string },
): Promise<TestClient> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const responses: RtspResponse[] = [];
  const packets: Packet[] = [];
  const reports: Uint8Array[] = [];
  const waiting = new Set<() => void>();
  let sequence = 0;
  let challenge: Extract<Challenge, { scheme: 'digest' }> | undefined;
  let nonceCount = 0;
  let session: string | undefined;
  let closed = false;
  const parser = new RtspParser({
    onResponse: (response) => responses.push(response),
    onRequest: () => undefined,
    onInterleaved: (channel, chunk, start, end) => {
      const bytes = chunk.subarray(start, end);
      if (channel % 2 === 1) reports.push(bytes);
      else packets.push(toPacket(channel / 2, bytes));
    },
  });
  const wake = (): void => {
    for (const look of [...waiting]) look();
  };
  socket.on('data', (chunk) => (parser.push(chunk), wake()));
  socket.on('error', () => undefined);
  socket.on('close', () => ((closed = true), wake()));
  await once(socket, 'connect');

  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const authorize = (method: string, target: string): RtspHeaderList => {
    if (!challenge || !credentials) return [];
    const fields = {
      challenge,
      ...credentials,
      method,
      url: target,
      nonceCount: ++nonceCount,
      clientNonce: 'abc',
      hash,
    };
    return [['Authorization', writeDigestAuthorization(fields)]];
  };
  const write = (method: string, target: string, headers: RtspHeaderList): void => {
    const own: RtspHeaderList = session === undefined ? [] : [['Session', session]];
    const all: RtspHeaderList = [['CSeq', String(++sequence)], ...own, ...headers, ...authorize(method, target)];
    socket.write(writeRequest({ method, url: target, headers: all }));
  };
  const client: TestClient = {
    packets,
    reports,
    get closed() {
      return closed;
    },
    async request(method, path = '', headers = []) {
      const before = responses.length;
      write(method, url + path, headers);
      await until(() => responses.length > before || closed);
      const response = responses.at(-1);
      if (!response || responses.length === before) throw new Error('closed without an answer');
      const id = getHeader(response.headers, 'session');
      if (id !== undefined) session = id.split(';')[0]!;
      const strongest = findStrongestChallenge(parseChallenges(response.headers.get('www-authenticate') ?? []));
      if (response.status !== 401 || !credentials || strongest?.scheme !== 'digest') return response;
      if (challenge && !strongest.stale) return response;
      challenge = strongest;
      nonceCount = 0;
      return client.request(method, path, headers);
    },
    send: (method) => write(method, url, []),
    async play(tracks = 2) {
      for (let track = 0; track < tracks; track++) {
        const transport = `RTP/AVP/TCP;unicast;interleaved=${track * 2}-${track * 2 + 1}`;
        await client.request('SETUP', `/trackID=${track}`, [['Transport', transport]]);
      }
      await client.request('PLAY');
    },
    until,
    pause: () => void socket.pause(),
    resume: () => void socket.resume(),
    close: () => void socket.destroy(),
  };
  return client;
}

function toPacket(track: number, bytes: Uint8Array): Packet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    track,
    marker: bytes[1]! >= 0x80,
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: new Uint8Array(bytes.subarray(12)),
  };
}
