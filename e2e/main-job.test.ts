import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import type { Browser } from 'playwright-core';
import {
  openBrowser,
  owner,
  signedInContext,
  startHouse,
  waitForPicture,
  type RunningHouse,
  patienceMs,
} from './house.ts';

describe('a stranger starts the house', needs('chromium', 'ffmpeg'), () => {
  let house: RunningHouse;
  let browser: Browser;
  before(async () => {
    [house, browser] = await Promise.all([startHouse(), openBrowser()]);
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
  });

  it('the ready file names the address and the one-time link, readable by its owner only', () => {
    assert.match(house.url, /^http:\/\/localhost:\d+$/);
    assert.match(house.setupUrl ?? '', /token=[\w-]{20,}$/);
    assert.equal(statSync(join(house.folder, 'ready.json')).mode & 0o777, 0o600);
    assert.ok(house.output.includes(house.setupUrl!));
  });

  it('who comes without the link is told where it is, and asked for no password that cannot exist', async () => {
    const page = await browser.newPage();
    await page.goto(house.url);
    await page.getByRole('heading', { name: 'No account yet' }).waitFor();
    await page.getByText(/^Open the set-up link/).waitFor();
    assert.equal(await page.getByLabel('Password').count(), 0);
    await page.close();
  });

  it('opens the link, makes an account and sees the demo street move', async () => {
    const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
    page.setDefaultTimeout(patienceMs);
    await page.goto(house.setupUrl!);
    await page.getByLabel(/name/i).first().fill(owner.name);
    await page.getByLabel(/mail/i).fill(owner.email);
    await page
      .getByLabel(/password/i)
      .first()
      .fill(owner.password);
    await page.getByRole('button', { name: /account|start|create|finish/i }).click();
    await page.getByRole('link', { name: 'Decide later' }).click();
    await waitForPicture(page);
    await page.close();
  });

  it('the link does not work twice', async () => {
    const context = await browser.newContext();
    const token = /token=(.+)$/.exec(house.setupUrl!)![1];
    const answer = await context.request.post(`${house.url}/api/setup`, { data: { ...owner, token } });
    assert.ok(answer.status() >= 400 && answer.status() < 500);
    assert.equal(typeof ((await answer.json()) as { fix?: string }).fix, 'string');
    await context.close();
  });

  it('adds a file as a camera, watches it live and plays back what was recorded', needs('footage'), async () => {
    const context = await signedInContext(browser, { ...house, setupUrl: undefined });
    const added = await context.request.post('/api/cameras', {
      data: { name: 'Car park', url: footagePath('video/carpark-four-cars-exposure-drift.mp4') },
    });
    assert.equal(added.status(), 201, await added.text());
    const { id } = (await added.json()) as { id: string };
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    await waitForPicture(page);
    const toMs = Date.now() + 60_000;
    const query = `from=${toMs - 120_000}&to=${toMs}`;
    const isLongEnough = async (): Promise<boolean> => {
      const answer = await context.request.get(`/api/cameras/${id}/recordings?${query}`);
      const { spans } = (await answer.json()) as { spans: { fromMs: number; toMs: number }[] };
      return spans.some((span) => span.toMs - span.fromMs > 3_000);
    };
    while (!(await isLongEnough())) await page.waitForTimeout(200);
    const file = join(house.folder, 'export.mp4');
    const recorded = await context.request.get(`/api/cameras/${id}/export.mp4?${query}`);
    assert.equal(recorded.status(), 200);
    writeFileSync(file, await recorded.body());
    const frames = execFileSync('ffprobe', [
      '-v',
      'error',
      '-count_packets',
      '-show_entries',
      'stream=nb_read_packets',
      '-of',
      'csv=p=0',
      file,
    ]);
    assert.ok(Number(frames.toString().split('\n')[0]!.replace(',', '')) > 30);
    await context.close();
  });

  it('stops within five seconds and leaves finished files', async () => {
    const startMs = performance.now();
    assert.equal(await house.stop(), 0);
    // 4.5 s by its own clock; the rest is for a slow machine to tell.
    assert.ok(performance.now() - startMs < 15_000);
    assert.throws(() => readFileSync(join(house.folder, 'ready.json')));
  });
});
