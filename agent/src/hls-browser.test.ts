import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { chromium, type Page } from 'playwright-core';
import { openArchive } from '#archive';
import { openDiskVolume } from '#volume';
import { playbackRoutes } from '#playback';
import { openRecorder } from '#recorder';
import { openFeed, openMovieSource } from '#testing';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import { cameraIdSchema } from '@porchlight/contract/ids';

const yard = cameraIdSchema.parse('yard');
const startMs = Date.UTC(2026, 0, 1, 0, 0, 30);
const recordedMs = 200_000;
const hlsFile = resolve(import.meta.dirname, '../../node_modules/hls.js/dist/hls.min.js');
const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
];

const page = `<!doctype html><video id="video" muted></video><script src="/hls.js"></script>`;

/** Records a clip over three file boundaries and serves it with a page that has hls.js. */
async function openSite(clip: string): Promise<{ url: string; close: () => Promise<void> }> {
  const folder = openTempFolder();
  const [clock, log, volume] = [openFakeClock(startMs), openFakeLog(), openDiskVolume(join(folder.path, 'archive'))];
  const archive = await openArchive({ folder: join(folder.path, 'index'), volume, clock, log });
  const recorder = openRecorder({
    camera: yard,
    stream: 'main',
    volume,
    clock,
    log,
    emit: (event) => archive.note(event),
    maxPendingBytes: Infinity, // film time runs faster than any disk
  });
  const feed = openFeed({ source: openMovieSource(footagePath('video', clip)), reader: recorder, clock });
  recorder.onTracks(feed.tracks, feed.run);
  await feed.play(recordedMs);
  await recorder.close();
  await clock.advance(10_000);
  const app = new Hono();
  app.get('/', (context) => context.html(page));
  app.get('/hls.js', (context) => context.body(readFileSync(hlsFile), 200, { 'Content-Type': 'text/javascript' }));
  app.route('/', playbackRoutes({ archive, volume, clock, log }));
  const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    await new Promise((done) => server.close(done));
    await archive.close();
    folder[Symbol.dispose]();
  };
  return { url: `http://127.0.0.1:${port}/`, close };
}

type Played = { buffered: number[][]; stalls: string[]; errors: string[]; startedAt: number; duration: number };

/**
 * Runs in the page: loads the span, buffers all of it, plays over each file boundary at four times the speed. A machine that is
 * slow waits for its decoder with all bytes there, which is no stall; a recording with a hole waits for bytes that never come.
 */
async function play(on: Page, span: { source: string; boundaries: number[] }): Promise<Played> {
  return on.evaluate(async ({ source, boundaries }) => {
    const scope = globalThis as unknown as { Hls: HlsClass; document: { getElementById(id: string): Video } };
    type Video = {
      currentTime: number;
      playbackRate: number;
      duration: number;
      buffered: { length: number; start(index: number): number; end(index: number): number };
      play(): Promise<void>;
      pause(): void;
      addEventListener(name: string, call: () => void): void;
    };
    type HlsClass = { new (config: object): HlsPlayer };
    type HlsPlayer = {
      loadSource(url: string): void;
      attachMedia(video: Video): void;
      on(name: string, call: (name: string, data: { fatal: boolean; details: string }) => void): void;
    };
    const video = scope.document.getElementById('video');
    const hls = new scope.Hls({
      maxBufferLength: 900,
      maxMaxBufferLength: 900,
      backBufferLength: 900,
      highBufferWatchdogPeriod: 90, // or it would seek where there is nothing to mend
    });
    const errors: string[] = [];
    const stalls: string[] = [];
    const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
    const hasBytes = (): boolean => {
      const at = video.currentTime;
      for (let index = 0; index < video.buffered.length; index++)
        if (video.buffered.start(index) <= at && at + 1 <= video.buffered.end(index)) return true;
      return false;
    };
    hls.on('hlsError', (_, { fatal, details }) => {
      if (fatal || details !== 'bufferStalledError' || !hasBytes()) errors.push(`${details}${fatal ? ' (fatal)' : ''}`);
    });
    hls.loadSource(source);
    hls.attachMedia(video);
    const until = async (what: () => boolean): Promise<void> => {
      for (let round = 0; round < 1200 && !what(); round++) await wait(50);
    };
    const end = (): number => (video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) : 0);
    await until(() => video.duration > 0 && end() >= video.duration - 0.5);
    const startedAt = video.currentTime;
    video.playbackRate = 4;
    for (const boundary of boundaries) {
      video.currentTime = boundary - 2;
      await video.play();
      await until(() => video.currentTime > boundary - 1.5);
      let watching = true;
      video.addEventListener('waiting', () => {
        if (watching && !hasBytes()) stalls.push(`waiting at ${video.currentTime}, near ${boundary}`);
      });
      await until(() => video.currentTime > boundary + 2);
      if (video.currentTime <= boundary + 2) stalls.push(`stopped at ${video.currentTime}`);
      watching = false;
      video.pause();
    }
    const buffered: number[][] = [];
    for (let index = 0; index < video.buffered.length; index++) {
      buffered.push([video.buffered.start(index), video.buffered.end(index)]);
    }
    return { buffered, stalls, errors, startedAt, duration: video.duration };
  }, span);
}

describe('a recording in hls.js', needs('chromium', 'footage'), () => {
  for (const clip of ['carpark-four-cars-exposure-drift.mp4', 'outdoor-person-and-dog.mp4']) {
    test(`plays over three file boundaries without a hole or a stall: ${clip}`, async () => {
      const site = await openSite(clip);
      const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: browserFlags });
      try {
        const tab = await browser.newPage();
        await tab.goto(site.url);
        const played = await play(tab, {
          source: `/api/cameras/yard/hls/index.m3u8?from=${startMs + 1_500}&to=${startMs + recordedMs}`,
          boundaries: [30, 90, 150],
        });
        assert.deepEqual(played.errors, []);
        assert.deepEqual(played.stalls, []);
        assert.equal(played.buffered.length, 1, `one range, got ${JSON.stringify(played.buffered)}`);
        assert.ok(played.buffered[0]![0]! < 0.05 && played.buffered[0]![1]! > recordedMs / 1000 - 5);
        assert.ok(played.startedAt > 1, `starts at the time asked for, not at ${played.startedAt}`);
      } finally {
        await browser.close();
        await site.close();
      }
    });
  }
});
