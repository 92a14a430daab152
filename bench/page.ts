/** A browser on the product's page, signed in; and the numbered stream with the time at which each of its frames left the camera. */
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { systemClock } from '@porchlight/base/clock';
import { openLog } from '@porchlight/base/log';
import { openSimulator } from '@porchlight/simulator/server';
import type { House } from './house.ts';
import { median, sleep } from './measure.ts';
import { numberedFrames, numberedLoad } from './numbered.ts';
import { writeResult } from './report.ts';

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--autoplay-policy=no-user-gesture-required'],
];

/** Debian's Chromium, headless, with nothing that calls out. */
export function openBrowser(executablePath = '/usr/bin/chromium'): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags });
}

/** Makes the house's first account; the context has its session. */
export async function signedIn(browser: Browser, house: House): Promise<BrowserContext> {
  const viewport = { width: 1440, height: 900 };
  const context = await browser.newContext({ viewport, baseURL: house.url, ignoreHTTPSErrors: true });
  const token = new URL(house.setupUrl ?? house.url).searchParams.get('token');
  const data = { token, email: 'bench@example.org', password: 'correct horse battery', name: 'Bench' };
  const answer = token
    ? await context.request.post('/api/setup', { data })
    : await context.request.post('/api/session', { data: { email: data.email, password: data.password } });
  if (!answer.ok()) throw new Error(`No session: ${answer.status()} ${await answer.text()}`);
  return context;
}

export type NumberedCamera = {
  readonly url: string;
  /** When the frame with this number last left the camera's socket, not later than `beforeMs`; wall milliseconds. */
  sentMs(number: number, beforeMs: number): number | undefined;
  /** Wall time at which some round of the numbers began. */
  readonly zeroMs: number;
  close(): Promise<void>;
};

/** The numbered stream as a camera on loopback, in this process, so that its clock is ours. */
export async function openNumberedCamera(gopSeconds = 2): Promise<NumberedCamera> {
  const sent = new Map<number, number[]>();
  let zeroMs = 0;
  const simulator = await openSimulator({
    clock: systemClock,
    log: openLog({ name: 'simulator', level: 'warn' }),
    streams: { numbered: { path: numberedLoad(gopSeconds) } },
    port: 0,
    onFrameSent({ sample, wallMs }) {
      const number = sample % numberedFrames;
      if (number === 0) zeroMs = wallMs;
      const times = sent.get(number) ?? [];
      times.push(wallMs);
      sent.set(number, times);
    },
  });
  return {
    url: simulator.url('numbered'),
    sentMs: (number, beforeMs) => sent.get(number)?.findLast((wallMs) => wallMs <= beforeMs),
    get zeroMs() {
      return zeroMs;
    },
    close: () => simulator.close(),
  };
}

const closeLimitMs = 10_000;

/**
 * Runs a benchmark: prints its one line of JSON, closes everything whatever happens, and exits 1 when a bar is missed or when it has
 * not ended after `limitMs`. `json` names a file for what it found.
 */
export async function run(
  body: (onEnd: (close: () => unknown) => void) => Promise<{ line: object; missed: readonly string[] }>,
  { limitMs = 3_600_000, json }: { limitMs?: number; json?: string | undefined } = {},
): Promise<never> {
  const closers: (() => unknown)[] = [];
  let code = 1;
  const late = sleep(limitMs).then(() => Promise.reject(new Error(`Did not end within ${limitMs / 1000} s`)));
  try {
    const { line, missed } = await Promise.race([body((close) => void closers.unshift(close)), late]);
    console.log(JSON.stringify({ ...line, missed }));
    if (json !== undefined) writeResult(json, line, missed);
    code = missed.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(error);
  }
  for (const close of closers)
    await Promise.race([Promise.resolve(close()).catch(() => undefined), sleep(closeLimitMs)]);
  process.exit(code);
}

/** Middle and worst of what each run gave. */
export const overRuns = (perRun: readonly number[]): { median: number; worst: number } => ({
  median: round(median(perRun)),
  worst: round(Math.max(...perRun)),
});

/** Rounded for reading. */
export const round = (value: number): number => Math.round(value * 10) / 10;
