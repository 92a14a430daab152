import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { openLine } from '#line';
import { openFakeVolume } from '#volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import type { CameraId } from '@porchlight/contract/ids';
import { getHeader, RtspParser } from '@porchlight/media/rtsp';
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
    { id: 'fuzz' as CameraId, sourceKind: 'rtsp', url: camera.url, transport: 'tcp', paused: false },
    {
      ...{ clock, log, volume, demoFolder: '', times: { mediaMs: 2000 } },
      emit: (event) => void (event.kind === 'fragment' && fragments++),
      onChange: () => undefined,
    },
  );
  let problem: string | undefined;
  try {
    for (let atMs = 0; atMs < nonsenseMs; atMs += stepMs) await clock.advance(stepMs);
    camera.mend(goodTranscripts()[0]!);
    const before = fragments;
    for (let atMs = 0; atMs < longestBackMs && fragments === before; atMs += stepMs) await clock.advance(stepMs);
    if (fragments === before) problem = `never came back: ${JSON.stringify(line.report().state)}`;
  } finally {
    await closeOnFakeTime(line.close(), clock);
    await camera.close();
  }
  await clock.advance(2000);
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

/** A server that answers the n-th request of a connection with the n-th answer, whatever was asked. */
async function openTalker(first: Transcript): Promise<Talker> {
  let transcript = first;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const answers = transcript;
    let next = 0;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    const parser = new RtspParser({
      onRequest({ headers }) {
        const answer = answers[next++];
        if (answer)
          socket.write(fillIn(answer, getHeader(headers, 'cseq') ?? '', getHeader(headers, 'transport') ?? ''));
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
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function fillIn(answer: Uint8Array, sequence: string, transport: string): Buffer {
  const text = Buffer.from(answer.buffer, answer.byteOffset, answer.length).toString('latin1');
  return Buffer.from(text.replaceAll('{c}', sequence).replaceAll('{t}', transport), 'latin1');
}
