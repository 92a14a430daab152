import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openBrowser, signedInContext, startHouse, waitForPicture, type RunningHouse } from './house.ts';

describe('live view takes what the browser can show and says why', needs('chromium', 'ffmpeg', 'footage'), () => {
  const folder = openTempFolder();
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  before(async () => {
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    context = await signedInContext(browser, house);
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  async function open(name: string, url: string, subUrl?: string): Promise<{ id: string; page: Page }> {
    const data = { name, url, ...(subUrl === undefined ? {} : { subUrl }) };
    const added = await context.request.post('/api/cameras', { data });
    assert.equal(added.status(), 201, await added.text());
    const { id } = (await added.json()) as { id: string };
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    return { id, page };
  }

  it('an H.265 camera is refused over WebRTC in words and shown by its H.264 sub-stream', async () => {
    const main = footagePath('video/warehouse-worker-h265.mp4');
    const sub = join(folder.path, 'sub.mp4');
    const coding = ['-c:v', 'libx264', '-bf', '0', '-g', '15', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
    execFileSync('ffmpeg', ['-v', 'error', '-i', main, '-vf', 'scale=320:-2', ...coding, sub]);
    const { id, page } = await open('Warehouse', main, sub);
    await waitForPicture(page, 30_000);
    assert.equal(await page.evaluate(() => document.querySelector('video')?.videoWidth), 320);
    await page
      .getByText(/H\.265/)
      .first()
      .waitFor();
    const offer = await page.evaluate(async () => {
      const peer = new RTCPeerConnection({ iceServers: [] });
      peer.addTransceiver('video', { direction: 'recvonly' });
      return (await peer.createOffer()).sdp!;
    });
    const headers = { 'content-type': 'application/sdp', origin: house.url };
    const refused = await context.request.post(`/api/cameras/${id}/whep?stream=main`, { headers, data: offer });
    assert.equal(refused.status(), 406);
    assert.equal(((await refused.json()) as { reason: string }).reason, 'h265-not-offered');
    await page.close();
  });

  it('a camera with B-frames is shown by MSE, with the reason in words', async () => {
    const { page } = await open('Room', footagePath('video/indoor-two-persons-one-by-one.mp4'));
    await waitForPicture(page, 30_000);
    await page
      .getByText(/using MSE/)
      .first()
      .waitFor();
    await page.close();
  });

  it('a camera that goes away is told in words, and shown again when it is back, without a reload', async () => {
    const { id, page } = await open('Car park', footagePath('video/carpark-car-and-cyclist.mp4'));
    await waitForPicture(page, 30_000);
    await context.request.patch(`/api/cameras/${id}`, { data: { paused: true } });
    await page
      .getByText(/paused/i)
      .first()
      .waitFor({ timeout: 15_000 });
    await context.request.patch(`/api/cameras/${id}`, { data: { paused: false } });
    await page.waitForFunction(
      () => {
        const video = document.querySelector('video');
        return video !== null && video.videoWidth > 0 && video.readyState >= 3 && !video.paused;
      },
      undefined,
      { timeout: 30_000 },
    );
    await page.close();
  });
});
