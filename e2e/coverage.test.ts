import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { CoverageMonth, Recordings } from '@porchlight/contract/recordings';
import type { Simulator } from '@porchlight/simulator/server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addCamera,
  ffmpeg,
  openBrowser,
  openCamera,
  plainCoding,
  signedInContext,
  startHouse,
  waitForFootage,
  type RunningHouse,
  patienceMs,
} from './house.ts';

const two = (value: number): string => String(value).padStart(2, '0');
const awayMs = 6000;

describe('what is kept, on the camera page', needs('chromium', 'ffmpeg', 'footage'), () => {
  const folder = openTempFolder();
  const file = join(folder.path, 'camera.mp4');
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let simulator: Simulator;
  let id = '';
  let hole: Recordings['gaps'][number];

  before(async () => {
    ffmpeg('-i', footagePath('video/carpark-four-cars-exposure-drift.mp4'), '-an', ...plainCoding, file);
    [house, browser, simulator] = await Promise.all([startHouse(['--no-demo']), openBrowser(), openCamera(file)]);
    context = await signedInContext(browser, house);
    id = await addCamera(context, { name: 'Gate', url: simulator.url('main') });
    await waitForFootage(context, id, 5000);
    const { port } = simulator;
    await simulator.close();
    await sleep(awayMs);
    simulator = await openCamera(file, undefined, port);
    hole = await waitForHole();
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
    await simulator.close();
    folder[Symbol.dispose]();
  });

  /** The camera has come back: a hole with footage on both sides. */
  async function waitForHole(): Promise<Recordings['gaps'][number]> {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline) {
      const nowMs = Date.now();
      const answer = await context.request.get(`/api/cameras/${id}/recordings?from=${nowMs - 600_000}&to=${nowMs}`);
      const { spans, gaps } = (await answer.json()) as Recordings;
      const found = gaps.find(({ fromMs }) => spans.some(({ toMs }) => Math.abs(toMs - fromMs) < 1000));
      if (found && spans.some((span) => span.fromMs >= found.toMs && span.toMs - span.fromMs > 3000)) return found;
      await sleep(200);
    }
    throw new Error('The camera has not come back');
  }

  const openPage = async (): Promise<Page> => {
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    // Keys ask about what has been loaded.
    await page.waitForFunction(() =>
      /recorded/i.test(document.querySelector('[role=slider]')?.getAttribute('aria-valuetext') ?? ''),
    );
    return page;
  };

  it('sums up the month by reason, in the house’s zone', async () => {
    const now = new Date();
    const month = `${now.getFullYear()}-${two(now.getMonth() + 1)}`;
    const answer = await context.request.get(`/api/cameras/${id}/coverage?month=${month}`);
    assert.equal(answer.status(), 200);
    const coverage = (await answer.json()) as CoverageMonth;
    assert.equal(coverage.timeZone, Intl.DateTimeFormat().resolvedOptions().timeZone);
    const today = coverage.days.at(-1)!;
    assert.equal(today.day, `${month}-${two(now.getDate())}`);
    const lostMs = Object.entries(today.missingMs).reduce(
      (sum, [reason, ms]) => sum + (reason === 'not-yet-added' ? 0 : ms),
      0,
    );
    assert.ok(lostMs >= awayMs - 2000 && lostMs < 60_000, `${lostMs} ms missing`);
    assert.ok(today.percent !== undefined && today.percent > 10 && today.percent < 100, `${today.percent} %`);
    assert.ok(today.recordedMs >= 8000);
    for (const query of ['', '?month=2026-13', '?month=2026-11&timeZone=Mars/Olympus']) {
      const refused = await context.request.get(`/api/cameras/${id}/coverage${query}`);
      assert.equal(refused.status(), 400, query);
    }
  });

  it('a hole tells why, from when to when, and what to do: under the pointer and by keys', async () => {
    const page = await openPage();
    const slider = page.getByRole('slider');
    await slider.focus();
    await page.keyboard.press('PageUp');
    const note = slider.getByRole('status');
    await note.getByText('Nothing recorded:').waitFor();
    const told = await note.innerText();
    assert.match(told, /(camera was offline|network trouble)[\s\S]* to [\s\S]*(power|Check cable)/);
    const at = await findHole(page);
    await page.mouse.move(at.x, at.y);
    await page.waitForFunction(() => document.querySelector('[role=slider] [data-note] strong ~ strong') !== null);
    await page.mouse.click(at.x, at.y);
    assert.equal(await readTold(page), told, 'a click leaves it standing');
    await page.mouse.move(0, 0);
    await page.waitForFunction(() => document.querySelector('[role=slider] [data-note] strong ~ strong') === null);
    await page.close();
  });

  it('a finger on a hole of a phone is told the same, within the screen, and what comes behind the hole plays', async () => {
    const storageState = await context.storageState();
    const phone = await browser.newContext({
      ...{ storageState, baseURL: house.url, hasTouch: true, isMobile: true },
      viewport: { width: 390, height: 844 },
    });
    const page = await phone.newPage();
    await page.goto(`/cameras/${id}`);
    await page.waitForFunction((atMs) => {
      const { from, to } = document.querySelector<HTMLElement>('[role=slider][data-to]')?.dataset ?? {};
      return Number(to) - Number(from) < 86_400_000 && Number(from) < atMs;
    }, hole.fromMs);
    const at = await findHole(page);
    await page.touchscreen.tap(at.x, at.y);
    const note = page.getByRole('slider', { name: 'Timeline of the day' }).getByRole('status');
    await note.getByText('Nothing recorded:').waitFor();
    assert.match(await readTold(page), /(camera was offline|network trouble)[\s\S]* to [\s\S]*(power|Check cable)/);
    const box = (await note.locator('[data-note]').boundingBox())!;
    assert.ok(box.x >= 0 && box.x + box.width <= 390 && box.y >= 0, JSON.stringify(box));
    await page.getByRole('button', { name: 'Go to live' }).waitFor();
    await phone.close();
  });

  /** Where the middle of the hole lies on the page. */
  async function findHole(page: Page): Promise<{ x: number; y: number }> {
    const slider = page.getByRole('slider', { name: 'Timeline of the day' });
    await slider.scrollIntoViewIfNeeded();
    const box = (await slider.boundingBox())!;
    const [from = 0, to = 0] = await slider.evaluate(({ dataset }) => [Number(dataset['from']), Number(dataset['to'])]);
    const middleMs = (hole.fromMs + hole.toMs) / 2;
    return { x: box.x + ((middleMs - from) / (to - from)) * box.width, y: box.y + 45 };
  }

  /** What stands in the bubble, the time under the pointer aside. */
  async function readTold(page: Page): Promise<string> {
    const text = await page.locator('[role=slider] [data-note]').innerText();
    return text.replace(/^\d\d:\d\d:\d\d\n/, '');
  }

  it('the month leads to a day', async () => {
    const page = await openPage();
    const month = page.getByRole('region', { name: 'Recorded, day by day' });
    const today = month.locator('button[aria-current=date]');
    await month.getByText('Missing:').waitFor();
    assert.match((await today.getAttribute('aria-label')) ?? '', /% recorded, .*/);
    await month.getByRole('button', { name: 'Previous month' }).click();
    const first = month.getByRole('button', { name: /^\D*1\D/ }).first();
    await first.click();
    await page.getByText('Nothing was recorded on this day').waitFor();
    assert.equal(await page.locator('input[type=date]').inputValue(), await expectFirst());
    await page.close();
  });

  async function expectFirst(): Promise<string> {
    const now = new Date();
    const before = new Date(now.getFullYear(), now.getMonth() - 1, 1);
    return `${before.getFullYear()}-${two(before.getMonth() + 1)}-01`;
  }
});
