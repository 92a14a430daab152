/** A whole house for browser tests: the product as `npm start` runs it, on a port of its own, in a folder of its own. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { systemClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { openTempFolder } from '@porchlight/base/testing';
import { openSimulator, type Simulator } from '@porchlight/simulator/server';

const root = resolve(import.meta.dirname, '..');

/** How long a test waits for what it waits for: only failures take so long, also on a slow machine. */
export const patienceMs = 60_000;

export type RunningHouse = {
  readonly url: string;
  readonly setupUrl: string | undefined;
  readonly folder: string;
  readonly pid: number;
  /** What it printed so far. */
  readonly output: string;
  stop(): Promise<number | null>;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Starts `porchlight start` and waits for its ready file. */
export async function startHouse(args: readonly string[] = [], folder = openTempFolder()): Promise<RunningHouse> {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/porchlight.js'), 'start', '--data', folder.path, '--port', '0', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const readyFile = join(folder.path, 'ready.json');
  const deadline = performance.now() + patienceMs;
  while (!existsSync(readyFile) || readFileSync(readyFile, 'utf8') === '') {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`The house did not start: ${output}`);
    await sleep(50);
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { url: string; setupUrl?: string; pid: number };
  // What it prints comes by another way than the file, and may come later.
  while (ready.setupUrl !== undefined && !output.includes(ready.setupUrl) && performance.now() < deadline)
    await sleep(20);
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    // A program that broke is started again, and a test may not notice more than that something is odd.
    if (/^\s+at .*:\d+:\d+\)?$/m.test(output)) process.stderr.write(output);
    return child.exitCode;
  };
  return {
    url: ready.url,
    setupUrl: ready.setupUrl,
    folder: folder.path,
    pid: ready.pid,
    get output() {
      return output;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      folder[Symbol.dispose]();
    },
  };
}

/** Debian's Chromium, headless, with nothing that calls out. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
    ].concat(['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required']),
  });
}

export const owner = { email: 'owner@example.org', password: 'correct horse battery', name: 'Olivia Owner' };

/** Makes the first account by the API and hands the session to a browser context. */
export async function signedInContext(
  browser: Browser,
  house: RunningHouse,
  viewport = { width: 1440, height: 900 },
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport, baseURL: house.url });
  context.setDefaultTimeout(patienceMs);
  const token =
    new URL(house.setupUrl ?? house.url).searchParams.get('token') ?? /token=([^&]+)/.exec(house.setupUrl ?? '')?.[1];
  const answer = token
    ? await context.request.post('/api/setup', { data: { ...owner, token } })
    : await context.request.post('/api/session', { data: { email: owner.email, password: owner.password } });
  if (!answer.ok()) throw new Error(`No session: ${answer.status()} ${await answer.text()}`);
  return context;
}

/** Waits until a video on the page has shown pictures in some number. */
export async function waitForPicture(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('video')].some(
      (video) => video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 5,
    ),
  );
}

/** Adds a camera by the API; gives its id. */
export async function addCamera(
  context: BrowserContext,
  camera: { name: string; url: string; subUrl?: string },
): Promise<string> {
  const added = await context.request.post('/api/cameras', { data: camera });
  if (added.status() !== 201) throw new Error(`No camera: ${added.status()} ${await added.text()}`);
  return ((await added.json()) as { id: string }).id;
}

/** Waits until a camera has at least so much in one stretch that goes on now; gives that stretch. */
export async function waitForFootage(
  context: BrowserContext,
  id: string,
  durationMs: number,
): Promise<{ fromMs: number; toMs: number }> {
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const nowMs = Date.now();
    const answer = await context.request.get(`/api/cameras/${id}/recordings?from=${nowMs - 300_000}&to=${nowMs}`);
    const { spans = [] } = (await answer.json()) as { spans?: { fromMs: number; toMs: number }[] };
    const found = spans.findLast((span) => span.toMs - span.fromMs >= durationMs);
    if (found) return found;
    await sleep(200);
  }
  throw new Error(`Camera ${id} has not recorded ${durationMs} ms`);
}

/** The process of a house that was started from this file, such as `agent/src/main.ts`; undefined while there is none. */
export function findProcess(house: RunningHouse, entry: string): number | undefined {
  const children = readFileSync(`/proc/${house.pid}/task/${house.pid}/children`, 'utf8').trim().split(' ');
  const found = children.find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(entry);
    } catch {
      return false; // ended meanwhile
    }
  });
  return found === undefined ? undefined : Number(found);
}

/** Kills a part of the house each time it is started again, until the function given back is called. */
export function keepDown(house: RunningHouse, entry: string): () => void {
  const kill = (): void => {
    const pid = findProcess(house, entry);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  kill();
  const timer = setInterval(kill, 50);
  return () => clearInterval(timer);
}

/** Runs ffmpeg; throws with what it says when it fails. */
export const ffmpeg = (...args: readonly string[]): void => {
  execFileSync('ffmpeg', ['-v', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Coding that every path can show: H.264 without B-frames, a key frame each second. */
export const plainCoding = '-c:v libx264 -preset ultrafast -tune zerolatency -bf 0 -g 15 -r 15 -pix_fmt yuv420p'.split(
  ' ',
);

/** An RTSP camera on loopback that plays a file on the paths `main`, `second` and `third`; the system chooses the port unless one is given. */
export function openCamera(
  path: string,
  credentials?: { readonly username: string; readonly password: string },
  port = 0,
): Promise<Simulator> {
  const streams = { main: { path }, second: { path }, third: { path } };
  return openSimulator({
    clock: systemClock,
    log: openFakeLog(),
    streams,
    port,
    ...(credentials === undefined ? {} : { credentials }),
  });
}

/** What the live picture of the page is carried by. */
export function readLive(page: Page) {
  return page.evaluate(() => {
    const video = document.querySelector<HTMLVideoElement & { webkitAudioDecodedByteCount?: number }>(
      '[role=img] video:not([data-candidate])',
    );
    const stream = video?.srcObject instanceof MediaStream ? video.srcObject : undefined;
    return {
      webrtc: stream !== undefined,
      audioTracks: stream?.getAudioTracks().length ?? 0,
      muted: video?.muted ?? true,
      widthPx: video?.videoWidth ?? 0,
      frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
      soundBytes: video?.webkitAudioDecodedByteCount ?? 0,
    };
  });
}
