/** A whole house for browser tests: the product as `npm start` runs it, on a port of its own, in a folder of its own. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { openTempFolder } from '@porchlight/base/testing';

const root = resolve(import.meta.dirname, '..');

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
  const deadline = performance.now() + 30_000;
  while (!existsSync(readyFile) || readFileSync(readyFile, 'utf8') === '') {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`The house did not start: ${output}`);
    await sleep(50);
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { url: string; setupUrl?: string; pid: number };
  const stop = (): Promise<number | null> =>
    new Promise((done) => {
      if (child.exitCode !== null) return done(child.exitCode);
      child.once('exit', (code) => done(code));
      child.kill('SIGTERM');
    });
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
  const token =
    new URL(house.setupUrl ?? house.url).searchParams.get('token') ?? /token=([^&]+)/.exec(house.setupUrl ?? '')?.[1];
  const answer = token
    ? await context.request.post('/api/setup', { data: { ...owner, token } })
    : await context.request.post('/api/session', { data: { email: owner.email, password: owner.password } });
  if (!answer.ok()) throw new Error(`No session: ${answer.status()} ${await answer.text()}`);
  return context;
}

/** Waits until a video on the page has shown pictures past `seconds` of its time. */
export async function waitForPicture(page: Page, timeoutMs = 15_000): Promise<void> {
  await page.waitForFunction(
    () =>
      [...document.querySelectorAll('video')].some(
        (video) => video.videoWidth > 0 && video.getVideoPlaybackQuality().totalVideoFrames > 5,
      ),
    undefined,
    { timeout: timeoutMs },
  );
}
