import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { openLine } from '#line';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { getHeader, parseTransport, RtspParser } from '@porchlight/media/rtsp';
import { goodTranscripts, type Transcript } from './transcript.ts';

/** What came of a transcript. */
export type TranscriptRun = {
  /** In words; undefined: all went as it must, whatever the bytes were. */
  readonly problem: string | undefined;
  readonly fragments: number;
  readonly damages: number;
};

/** So long a camera that speaks nonsense first and then behaves may take to be recorded, on the camera's clock. */
const longestBackMs = 60_000;
const stepMs = 250;
/** Sockets are ended and the volume's last round of syncs is over by then. */
const settleMs = 5000;
/** The nonsense gets so long before the camera is mended. */
const nonsenseMs = 12_000;

/**
 * Lets a camera line talk to a camera that answers as the transcript says, on every connection until it is mended; then it must be recorded.
 * Time is faked, the connection real. What may never happen: an error nobody foresaw, a line that stays away, timers left behind.
 */
export async function runTranscript(transcript: Transcript): Promise<TranscriptRun> {
  const clock = openFakeClock();
  const log = openFakeLog();
  const volume = openFakeVolume();
  const camera = await openTalker(transcript);
  let fragments = 0;
  const line = openLine(
    { id: 'fuzz' as CameraId, sourceKind: 'rtsp', url: camera.url, transport: transcript.over, paused: false },
    {
      ...{ clock, log, volume, demoFolder: '', times: { mediaMs: 2000 } },
      emit: (event) => void (event.kind === 'fragment' && fragments++),
      onChange: () => undefined,
    },
  );
  let problem: string | undefined;
  try {
    for (let atMs = 0; atMs < nonsenseMs; atMs += stepMs) await clock.advance(stepMs);
    camera.mend(goodTranscripts(transcript.over)[0]!);
    const before = fragments;
    for (let atMs = 0; atMs < longestBackMs && fragments === before; atMs += stepMs) await clock.advance(stepMs);
    if (fragments === before) problem = `never came back: ${JSON.stringify(line.report().state)}`;
  } finally {
    await closeOnFakeTime(line.close(), clock);
    await camera.close();
  }
  await clock.advance(settleMs);
  problem ??= clock.pendingTimers > 0 ? `${clock.pendingTimers} timers left` : undefined;
  const unforeseen = log.lines.find(({ message, fields }) => isUnforeseen(message, fields));
  problem ??=
    unforeseen &&
    `unforeseen: ${unforeseen.message} ${String(unforeseen.fields['error'] ?? unforeseen.fields['message'])}`;
  const damages = Object.values(line.report().damage).reduce((sum, count) => sum + count, 0);
  return { problem, fragments, damages };
}

/** Words of the camera's room for what it did not think of. */
function isUnforeseen(message: string, fields: Record<string, unknown>): boolean {
  const detail = fields['message'];
  return /unknown reason|unexpected/.test(`${message} ${typeof detail === 'string' ? detail : ''}`);
}

async function closeOnFakeTime(closed: Promise<void>, clock: { advance(ms: number): Promise<void> }): Promise<void> {
  let done = false;
  void closed.finally(() => (done = true));
  for (let round = 0; round < 200 && !done; round++) await clock.advance(100);
  await closed;
}

type Talker = { readonly url: string; mend(good: Transcript): void; close(): Promise<void> };

/** A server that answers the n-th request of a connection with the n-th answer, whatever was asked, and then sends the datagrams. */
async function openTalker(first: Transcript): Promise<Talker> {
  let transcript = first;
  const sockets = new Set<Socket>();
  const udp = createSocket('udp4');
  udp.on('error', () => undefined);
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');
  const serverPort = udp.address().port;
  let closed = false;
  const send = (bytes: Uint8Array, ports: readonly number[]): void => {
    const port = ports[(bytes[0] ?? 0) % Math.max(1, ports.length)];
    if (port !== undefined && !closed) udp.send(bytes.subarray(1), port, '127.0.0.1', () => undefined);
  };
  const server = createServer((socket) => {
    const { answers, datagrams } = transcript;
    /** The agent's ports, two for each track it has set up. */
    const ports: number[] = [];
    let next = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const parser = new RtspParser({
      onRequest({ headers }) {
        const transport = getHeader(headers, 'transport') ?? '';
        if (transport !== '') ports.push(...(parseTransport(transport)[0]?.clientPorts ?? []));
        const answer = answers[next++];
        if (!answer) return;
        const filling = {
          '{c}': getHeader(headers, 'cseq') ?? '',
          '{t}': transport,
          '{s}': `${serverPort}-${serverPort + 1}`,
        };
        socket.write(fillIn(answer, filling));
        if (next === answers.length) void sendAll(datagrams, (bytes) => send(bytes, ports));
      },
      onResponse: () => undefined,
      onInterleaved: () => undefined,
    });
    socket.on('data', (chunk: Uint8Array) => parser.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/live`,
    mend(good) {
      transcript = good;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      closed = true;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
      udp.close();
    },
  };
}

/** A few at a time, so that the receiving side keeps up. */
async function sendAll(datagrams: readonly Uint8Array[], send: (bytes: Uint8Array) => void): Promise<void> {
  for (const [index, bytes] of datagrams.entries()) {
    send(bytes);
    if (index % 8 === 7) await new Promise((resolve) => setImmediate(resolve));
  }
}

function fillIn(answer: Uint8Array, filling: Readonly<Record<string, string>>): Buffer {
  let text = Buffer.from(answer.buffer, answer.byteOffset, answer.length).toString('latin1');
  for (const [mark, value] of Object.entries(filling)) text = text.replaceAll(mark, value);
  return Buffer.from(text, 'latin1');
}
