import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import {
  addCamera,
  ffmpeg,
  keepDown,
  openBrowser,
  plainCoding,
  signedInContext,
  startHouse,
  waitForFootage,
  type RunningHouse,
  patienceMs,
} from './house.ts';
import { openNetwork, type Network } from './network.ts';

type Probe = { readonly seconds: number; readonly widthPx: number; readonly frames: number };

function probe(path: string): Probe {
  const entries = 'stream=codec_type,width,nb_read_packets:format=duration';
  const text = execFileSync('ffprobe', [
    '-v',
    'error',
    '-count_packets',
    '-show_entries',
    entries,
    '-of',
    'json',
    path,
  ]);
  const { streams, format } = JSON.parse(text.toString()) as {
    streams: { codec_type: string; width: number; nb_read_packets: string }[];
    format: { duration: string };
  };
  const video = streams.find(({ codec_type }) => codec_type === 'video')!;
  return { seconds: Number(format.duration), widthPx: video.width, frames: Number(video.nb_read_packets) };
}

describe('a span is chosen on the timeline and downloaded', needs('chromium', 'ffmpeg', 'footage'), () => {
  const folder = openTempFolder();
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let network: Network;
  let page: Page;
  let id = '';
  let firstMs = 0;
  before(async () => {
    for (const [name, scale] of Object.entries({ wide: '640:360', small: '320:180' })) {
      const input = footagePath('video/carpark-four-cars-exposure-drift.mp4');
      ffmpeg(
        '-t',
        '20',
        '-i',
        input,
        '-vf',
        `scale=${scale}`,
        ...plainCoding,
        '-b:v',
        '2M',
        join(folder.path, `${name}.mp4`),
      );
    }
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    network = await openNetwork(house.url);
    context = await signedInContext(browser, { ...house, url: network.url });
    id = await addCamera(context, { name: 'Car park', url: join(folder.path, 'wide.mp4') });
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await network.close();
    await house[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const timeline = (): Locator => page.getByRole('slider', { name: 'Timeline of the day' });
  const bar = (): Locator => page.getByRole('group', { name: 'Clip', exact: true });
  const button = (name: string): Locator => bar().getByRole('button', { name, exact: true });
  const edge = async (name: string): Promise<number> =>
    Number(await page.getByRole('slider', { name }).getAttribute('aria-valuenow'));

  async function xOf(wallMs: number): Promise<number> {
    const box = (await timeline().boundingBox())!;
    const [fromMs, toMs] = [await timeline().getAttribute('data-from'), await timeline().getAttribute('data-to')];
    return box.x + ((wallMs - Number(fromMs)) / (Number(toMs) - Number(fromMs))) * box.width;
  }
  async function drag(fromMs: number, toMs: number): Promise<void> {
    const box = (await timeline().boundingBox())!;
    const y = box.y + box.height / 2;
    await page.mouse.move(await xOf(fromMs), y);
    await page.mouse.down();
    await page.mouse.move(await xOf(toMs), y, { steps: 5 });
    await page.mouse.up();
  }
  async function openClip(): Promise<void> {
    await page.goto(`/cameras/${id}`);
    await page.getByRole('button', { name: 'Select a clip' }).click();
    await bar().waitFor();
  }
  async function download(click: Locator): Promise<{ path: string; name: string }> {
    const [begun] = await Promise.all([page.waitForEvent('download'), click.click()]);
    const path = join(folder.path, begun.suggestedFilename());
    await begun.saveAs(path);
    return { path, name: begun.suggestedFilename() };
  }

  it('the ends are drawn with the mouse and moved by keys; the file holds that span from the key frame before it', async () => {
    const footage = await waitForFootage(context, id, 6_000);
    firstMs = footage.fromMs;
    await openClip();
    const wantedMs = footage.fromMs + 2_000;
    await drag(await edge('Start of the clip'), wantedMs);
    const drawnMs = await edge('Start of the clip');
    assert.ok(Math.abs(drawnMs - wantedMs) < 2_000, `drawn at ${drawnMs - wantedMs} ms from where it was meant`);
    await page.getByRole('slider', { name: 'Start of the clip' }).focus();
    await page.keyboard.press('ArrowRight');
    const fromMs = await edge('Start of the clip');
    assert.equal(fromMs, drawnMs + 1_000);
    const toMs = await edge('End of the clip');
    const { path, name } = await download(button('Download'));
    await bar().getByText(`Saved as ${name}.`).waitFor();
    const { seconds, frames, widthPx } = probe(path);
    const recordedSeconds = (Math.min(toMs, Date.now()) - fromMs) / 1000;
    assert.ok(
      seconds > recordedSeconds - 2.5 && seconds < recordedSeconds + 1.2,
      `${seconds} s of ${recordedSeconds} s`,
    );
    assert.ok(Math.abs(frames / seconds - 15) < 1.5, `${frames} pictures in ${seconds} s`);
    assert.equal(widthPx, 640);
  });

  it('a download that takes long shows how far it is and can be stopped', async () => {
    await openClip();
    network.trouble({ path: /export\.mp4/, afterBytes: 200_000, then: 'hold' });
    await button('Download').click();
    await bar()
      .getByText(/^(199|200) kB of about /)
      .waitFor();
    await bar().getByRole('progressbar', { name: 'Downloading the clip' }).waitFor();
    await button('Stop the download').click();
    await bar().getByText('The download was stopped. Nothing was saved.').waitFor();
    network.trouble(undefined);
    const { path } = await download(button('Download'));
    assert.ok(probe(path).frames > 30, 'the next one is not hurt by the one before');
  });

  it('a download that breaks off is told in words, saves nothing, and works when tried again', async () => {
    await openClip();
    const saved: string[] = [];
    const onDownload = (begun: { suggestedFilename(): string }) => saved.push(begun.suggestedFilename());
    page.on('download', onDownload);
    network.trouble({ path: /export\.mp4/, afterBytes: 200_000, then: 'cut' });
    await button('Download').click();
    await bar()
      .getByText(/^The download broke off after [\d.]+ k?B$/)
      .waitFor();
    await bar().getByText('Nothing was saved. Check that this device reaches Porchlight, then try again.').waitFor();
    assert.deepEqual(saved, []);
    network.trouble(undefined);
    const { path } = await download(button('Try again'));
    assert.ok(probe(path).frames > 30);
    page.off('download', onDownload);
  });

  it('a house that cannot answer says so, and what to do', async () => {
    await openClip();
    const letUp = keepDown(house, 'agent/src/main.ts');
    try {
      await button('Download').click();
      await bar().getByText('The recording program is not running').waitFor();
      await bar()
        .getByText(/started again by itself/)
        .waitFor();
    } finally {
      letUp();
    }
  });

  it('a clip that ends where the picture format changed says so, and the rest is one click away', async () => {
    const change = await context.request.patch(`/api/cameras/${id}`, { data: { url: join(folder.path, 'small.mp4') } });
    assert.equal(change.status(), 200, await change.text());
    const changedMs = Date.now();
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const { fromMs, toMs } = await waitForFootage(context, id, 3_000);
      if (toMs > changedMs && toMs - Math.max(fromMs, changedMs) > 3_000) break;
      assert.ok(performance.now() < deadline, 'nothing was recorded after the change');
      await sleep(200);
    }
    await openClip();
    await page.getByRole('slider', { name: 'Start of the clip' }).focus();
    while ((await edge('Start of the clip')) > firstMs + 2_000) await page.keyboard.press('Shift+ArrowLeft');
    const first = await download(button('Download'));
    await bar()
      .getByText(/^This clip ends at \d\d:\d\d:\d\d$/)
      .waitFor();
    await bar()
      .getByText(/picture format changed there/)
      .waitFor();
    assert.equal(probe(first.path).widthPx, 640);
    await button('Choose the rest').click();
    const rest = await download(button('Download'));
    assert.equal(probe(rest.path).widthPx, 320);
    assert.ok(probe(rest.path).frames > 20);
  });
});
