import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addCamera,
  findProcess,
  openBrowser,
  readLive,
  signedInContext,
  startHouse,
  waitForFootage,
  waitForPicture,
  type RunningHouse,
} from './house.ts';
import { openNetwork, type Network } from './network.ts';

const agentEntry = 'agent/src/main.ts';

describe('a live picture that breaks comes back by itself', needs('chromium', 'ffmpeg', 'footage'), () => {
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let network: Network;
  let id = '';
  before(async () => {
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    network = await openNetwork(house.url);
    context = await signedInContext(browser, { ...house, url: network.url });
    id = await addCamera(context, {
      name: 'Car park',
      url: footagePath('video/carpark-four-cars-exposure-drift.mp4'),
    });
    await waitForFootage(context, id, 3_000);
  });
  after(async () => {
    await browser.close();
    await network.close();
    await house[Symbol.asyncDispose]();
  });

  const chip = (page: Page, text: string) => page.getByRole('button', { name: text });
  const isWebrtc = (page: Page) => page.getByText('WebRTC', { exact: true });

  it('goes down to HLS or to stills, with the reason in words, and up to WebRTC when the ways are open again', async () => {
    const onHls = await context.newPage();
    network.trouble({ path: /\/(whep|mse)\b/, afterBytes: 0, then: 'cut' });
    await onHls.goto(`/cameras/${id}`);
    await chip(onHls, 'WebRTC: the connection could not be made, using HLS').waitFor();
    await waitForPicture(onHls);
    assert.equal((await readLive(onHls)).webrtc, false);

    const onStills = await context.newPage();
    network.trouble({ path: /\/(whep|mse|hls)\b/, afterBytes: 0, then: 'cut' });
    await onStills.goto(`/cameras/${id}`);
    await chip(onStills, 'WebRTC: the connection could not be made, using Stills').waitFor();
    await onStills.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('[role=img] img')?.naturalWidth ?? 0) > 0,
    );

    network.trouble(undefined);
    for (const page of [onHls, onStills]) {
      await isWebrtc(page).waitFor();
      const back = await readLive(page);
      assert.equal(back.webrtc, true);
      assert.ok(back.widthPx > 0 && back.frames > 0);
      await page.close();
    }
  });

  it('shows pictures over WebRTC again after the recording program was killed, without a reload', async () => {
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    await isWebrtc(page).waitFor();
    await waitForPicture(page);
    const loads: string[] = [];
    page.on('framenavigated', (frame) => loads.push(frame.url()));
    const killed = findProcess(house, agentEntry);
    assert.ok(killed !== undefined);
    process.kill(killed, 'SIGKILL');
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('[role=img] video:not([data-candidate])');
      return video === null || video.readyState < 3 || video.paused || !(video.srcObject instanceof MediaStream);
    });
    await page.waitForFunction(() => {
      const video = document.querySelector<HTMLVideoElement>('[role=img] video:not([data-candidate])');
      return (
        video?.srcObject instanceof MediaStream && video.srcObject.active && video.readyState >= 3 && !video.paused
      );
    });
    await isWebrtc(page).waitFor();
    const before = (await readLive(page)).frames;
    await page.waitForFunction(
      (seen) =>
        (document.querySelector<HTMLVideoElement>('[role=img] video:not([data-candidate])')?.getVideoPlaybackQuality()
          .totalVideoFrames ?? 0) >
        seen + 10,
      before,
    );
    assert.notEqual(findProcess(house, agentEntry), killed);
    assert.deepEqual(loads, []);
    await page.close();
  });
});
