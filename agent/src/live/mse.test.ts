import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { openFakeClock, type FakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';
import { sessionHeader } from '#mse';
import { openStream, type Stream } from '#stream';
import { openLiveServer, type LiveServer } from './live-server.ts';
import { frameHashes, readClip, type Clip, type DueFrame } from './test/clip.ts';

const camera = cameraIdSchema.parse('cam-1');
type Message = {
  kind: string;
  codecs?: string;
  widthPx?: number;
  reason?: string;
  message?: string;
  wallMs?: number;
  mediaMs?: number;
};

/** A page: collects what the socket says. */
class Page {
  readonly texts: Message[] = [];
  readonly binaries: Buffer[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | undefined;
  refusedWith: number | undefined;
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
    this.socket.on('error', ({ message }) => {
      this.refusedWith = Number(/Unexpected server response: (\d+)/.exec(message)?.[1]);
      this.#changed();
    });
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

  it('says where the cached group ends and what follows is new', async () => {
    const clip = readClip(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    await play(clip, clip.frames.slice(0, 20));
    const page = new Page(socketPath, `/api/cameras/${camera}/mse`);
    const order: string[] = [];
    page.socket.on('message', (data: Buffer, isBinary: boolean) =>
      order.push(isBinary ? 'bytes' : (JSON.parse(data.toString()) as Message).kind),
    );
    await page.until(() => page.texts.some(({ kind }) => kind === 'live'));
    assert.equal(order.indexOf('tracks'), 0);
    assert.equal(order.indexOf('live'), order.length - 1);
    const cached = page.binaries.length - 1;
    assert.ok(cached > 0 && cached <= 20, `${cached} cached frames`);
    await play(clip, clip.frames.slice(20, 25));
    await page.until(() => page.binaries.length === cached + 1 + 5);
    assert.equal(page.texts.filter(({ kind }) => kind === 'live').length, 1);
    page.socket.close();
  });

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

  it('begins anew, without a hole, when the camera comes back', async () => {
    const clip = readClip(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    await play(clip, clip.frames.slice(0, 60));
    const page = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await page.until(() => page.binaries.length > 1);
    stream.onState({ status: 'offline', reason: 'unreachable', message: 'The camera does not answer.' });
    await page.until(() => page.texts.some(({ kind }) => kind === 'end'));
    const end = page.texts.find(({ kind }) => kind === 'end')!;
    assert.deepEqual([end.reason, end.message], ['unreachable', 'The camera does not answer.']);
    await clock.advance(20_000);
    const before = page.binaries.length;
    await play(clip, clip.frames.slice(0, 30));
    await page.until(() => page.binaries.length === before + 31);
    const [first, second] = page.texts.filter(({ kind }) => kind === 'tracks');
    assert.equal(first!.codecs, second!.codecs);
    assert.ok(second!.wallMs! - first!.wallMs! > 20_000);
    const shownMs = (before - 1) * 80;
    assert.ok(second!.mediaMs! >= shownMs && second!.mediaMs! < shownMs + 200);
  });

  it('says where wall time and media time meet, every two seconds', async () => {
    const clip = readClip(footagePath('video', 'carpark-four-cars-exposure-drift.mp4'));
    const page = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await page.until(() => page.texts.length > 0);
    await play(clip, clip.frames.slice(0, 100));
    await page.until(() => page.binaries.length === 101);
    const times = page.texts.filter(({ kind }) => kind === 'time');
    assert.equal(times.length, 3);
    const [head] = page.texts.filter(({ kind }) => kind === 'tracks');
    for (const { wallMs, mediaMs } of times)
      assert.ok(Math.abs(wallMs! - head!.wallMs! - (mediaMs! - head!.mediaMs!)) <= 5);
  });

  it('ends with its session, at once, and says why', async () => {
    const mine = new Page(socketPath, `/api/cameras/${camera}/mse`, 'mine');
    const other = new Page(socketPath, `/api/cameras/${camera}/mse`, 'other');
    await mine.until(() => mine.texts.length > 0);
    await other.until(() => other.texts.length > 0);
    assert.equal(live.stats().leases.length, 2);
    assert.equal(live.closeSessions(['mine', 'nobody']), 1);
    await mine.until(() => mine.closed !== undefined);
    assert.equal(mine.texts.at(-1)!.reason, 'session-ended');
    assert.equal(other.closed, undefined);
    assert.deepEqual(
      live.stats().leases.map(({ sid }) => sid),
      ['other'],
    );
  });

  it('refuses viewers beyond the cap in words, and serves again when one has left', async () => {
    const first = new Page(socketPath, `/api/cameras/${camera}/mse`);
    const second = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await first.until(() => first.texts.length > 0);
    await second.until(() => second.texts.length > 0);
    const third = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await third.until(() => third.closed !== undefined);
    assert.deepEqual([third.texts[0]!.reason, third.closed!.code], ['too-many-viewers', 1013]);
    first.socket.close();
    await first.until(() => first.closed !== undefined);
    while (live.stats().leases.length > 1) await new Promise((resolve) => setImmediate(resolve));
    const fourth = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await fourth.until(() => fourth.texts.length > 0);
    assert.equal(fourth.texts[0]!.kind, 'end');
    assert.equal(fourth.texts[0]!.reason, 'starting');
  });

  it('closes viewers that do not answer a ping', async () => {
    const page = new Page(socketPath, `/api/cameras/${camera}/mse`);
    await page.until(() => page.texts.length > 0);
    page.socket.pong = () => undefined;
    Reflect.set(page.socket, '_autoPong', false);
    await clock.advance(10_000);
    assert.equal(live.stats().leases.length, 1);
    await clock.advance(10_000);
    await page.until(() => page.closed !== undefined);
    while (live.stats().leases.length > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  for (const [what, path, sid] of [
    ['another path', '/api/cameras/cam-1/other', 's'],
    ['a camera id that is none', '/api/cameras/..%2f/mse', 's'],
    ['a stream that is none', '/api/cameras/cam-1/mse?stream=third', 's'],
    ['no session', '/api/cameras/cam-1/mse', ''],
  ] as const) {
    it(`answers ${what} with 404 and no WebSocket`, async () => {
      const page = new Page(socketPath, path, sid);
      await page.until(() => page.closed !== undefined);
      assert.equal(page.refusedWith, 404);
    });
  }
});
