import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { openStream, type Stream } from '#stream';
import { openLiveServer, type LiveServer } from './live-server.ts';
import { sessionHeader } from './mse-server.ts';
import { frameHashes, readClip, type Clip, type DueFrame } from './test/clip.ts';

const camera = cameraIdSchema.parse('cam-1');
type Message = { kind: string; codecs?: string; widthPx?: number; reason?: string; wallMs?: number; mediaMs?: number };

/** A page: collects what the socket says. */
class Page {
  readonly texts: Message[] = [];
  readonly binaries: Buffer[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | undefined;
  #wake: (() => void)[] = [];

  constructor(socketPath: string, path: string, sid = 'session-1') {
    this.socket = new WebSocket(`ws+unix:${socketPath}:${path}`, { headers: { [sessionHeader]: sid } });
    this.socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.binaries.push(data);
      else this.texts.push(JSON.parse(data.toString()) as Message);
      this.#changed();
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#changed();
    });
    this.socket.on('error', () => this.#changed());
    this.socket.on('open', () => this.#changed());
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      assert.ok(!this.closed || condition(), `closed: ${JSON.stringify(this.closed)} ${JSON.stringify(this.texts)}`);
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }
}

describe('MSE over WebSocket', needs('ffmpeg', 'footage'), () => {
  let folder: ReturnType<typeof openTempFolder>;
  let clock: FakeClock;
  let stream: Stream;
  let live: LiveServer;
  let socketPath: string;
  const sourceStats = () => ({
    transport: 'file' as const,
    packetsReceived: 0,
    packetsLost: 0,
    bytesReceived: 0,
    reconnects: 0,
  });

  beforeEach(async () => {
    folder = openTempFolder();
    clock = openFakeClock();
    const log = openFakeLog();
    stream = openStream({ name: 'main', clock, log, sourceStats });
    socketPath = join(folder.path, 'live.sock');
    const findStream = (id: string, name: string) => (id === camera && name === 'main' ? stream : undefined);
    live = await openLiveServer({ socketPath, findStream, clock, log, caps: { perCamera: 2, perProcess: 3 } });
  });
  afterEach(async () => {
    await live.close();
    folder[Symbol.dispose]();
  });

  const play = async (clip: Clip, frames: readonly DueFrame[]): Promise<void> => {
    stream.onTracks(clip.tracks);
    stream.onState({ status: 'online' });
    const first = clip.frames[0]!.dueMs;
    for (const { frame, dueMs } of frames) {
      const ahead = dueMs - first - clock.monotonicMs();
      if (ahead > 0) await clock.advance(ahead);
      stream.onFrame(frame, clock.monotonicMs());
    }
  };
  const videoFrames = (frames: readonly DueFrame[]): number =>
    frames.filter(({ frame }) => frame.kind === 'video').length;

  for (const [what, file] of [
    ['H.264 with B pictures', 'indoor-two-persons-one-by-one.mp4'],
    ['H.264 without B pictures', 'carpark-four-cars-exposure-drift.mp4'],
    ['H.265', 'warehouse-worker-h265.mp4'],
  ] as const) {
    it(`plays ${what} from the cached key frame on, bit for bit`, async () => {
      const clip = readClip(footagePath('video', file));
      const half = clip.frames.findIndex((due, index) => index > 30 && due.frame.kind === 'video' && due.frame.key) + 3;
      await play(clip, clip.frames.slice(0, half));
      const page = new Page(socketPath, `/api/cameras/${camera}/mse?stream=main&audio=false`);
      await page.until(() => page.binaries.length === 4);
      await play(clip, clip.frames.slice(half));
      await page.until(() => page.binaries.length === clip.frames.length - half + 4);

      assert.equal(page.texts[0]!.kind, 'tracks');
      assert.equal(page.texts[0]!.codecs, clip.tracks[0]!.codecString);
      const out = join(folder.path, 'page.mp4');
      writeFileSync(out, Buffer.concat(page.binaries));
      const source = frameHashes(clip.path);
      assert.deepEqual(frameHashes(out), source.slice(half - 3));
      page.socket.close();
    });
  }

  it('carries AAC as it is beside the video, only when asked', async () => {
    const clip = readClip(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'), { audio: true });
    const frames = clip.frames.slice(0, 300);
    const silent = new Page(socketPath, `/api/cameras/${camera}/mse?audio=false`);
    const loud = new Page(socketPath, `/api/cameras/${camera}/mse?audio=true`);
    await silent.until(() => silent.texts.length > 0);
    await loud.until(() => loud.texts.length > 0);
    await play(clip, frames);
    await silent.until(() => silent.binaries.length === videoFrames(frames) + 1);
    await loud.until(() => loud.binaries.length > videoFrames(frames) + 20);
    assert.equal(
      loud.texts.find(({ kind }) => kind === 'tracks')?.codecs,
      'avc1.42c01f,mp4a.40.2'.replace('avc1.42c01f', clip.tracks[0]!.codecString),
    );
    assert.equal(silent.texts.find(({ kind }) => kind === 'tracks')?.codecs, clip.tracks[0]!.codecString);
  });
});
