import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addCamera,
  ffmpeg,
  openBrowser,
  openCamera,
  plainCoding,
  readLive,
  signedInContext,
  startHouse,
  waitForPicture,
  type RunningHouse,
} from './house.ts';

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
    const id = await addCamera(context, { name, url, ...(subUrl === undefined ? {} : { subUrl }) });
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    return { id, page };
  }

  it('an H.265 camera is refused over WebRTC in words and shown by its H.264 sub-stream', async () => {
    const main = footagePath('video/warehouse-worker-h265.mp4');
    const sub = join(folder.path, 'sub.mp4');
    ffmpeg('-i', main, '-vf', 'scale=320:-2', ...plainCoding, sub);
    const { id, page } = await open('Warehouse', main, sub);
    await waitForPicture(page);
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
    await waitForPicture(page);
    await page
      .getByText(/using MSE/)
      .first()
      .waitFor();
    await page.close();
  });

  it('a camera with AAC stays on WebRTC silently, and is heard over MSE while sound is turned on', async () => {
    const file = join(folder.path, 'aac.mp4');
    const sine = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=10'];
    const inputs = ['-i', footagePath('video/outdoor-person-and-dog.mp4'), ...sine];
    ffmpeg(...inputs, '-shortest', ...plainCoding, '-c:a', 'aac', file);
    const camera = await openCamera(file);
    try {
      const { page } = await open('Garden', camera.url('main'));
      const why = page.getByRole('button', { name: 'WebRTC: sound from this camera needs MSE, using MSE' });
      await page.getByText('WebRTC', { exact: true }).waitFor();
      await waitForPicture(page);
      const silent = await readLive(page);
      assert.deepEqual([silent.webrtc, silent.audioTracks, silent.muted], [true, 0, true]);
      assert.equal(await why.count(), 0, 'nothing is said about sound while nobody wants any');

      await page.getByRole('button', { name: 'Turn sound on' }).click();
      await why.waitFor();
      await page.waitForFunction(() => {
        const video = document.querySelector('[role=img] video:not([data-candidate])');
        const heard = (video as { webkitAudioDecodedByteCount?: number } | null)?.webkitAudioDecodedByteCount ?? 0;
        return heard > 1000;
      });
      const heard = await readLive(page);
      assert.deepEqual([heard.webrtc, heard.muted], [false, false]);

      await page.getByRole('button', { name: 'Turn sound off' }).click();
      await page.getByText('WebRTC', { exact: true }).waitFor();
      const back = await readLive(page);
      assert.deepEqual([back.webrtc, back.audioTracks, back.muted], [true, 0, true]);
      assert.ok(back.frames > 0);
      await page.close();
    } finally {
      await camera.close();
    }
  });

  it('a camera that goes away is told in words, and shown again when it is back, without a reload', async () => {
    const { id, page } = await open('Car park', footagePath('video/carpark-car-and-cyclist.mp4'));
    await waitForPicture(page);
    await context.request.patch(`/api/cameras/${id}`, { data: { paused: true } });
    await page
      .getByText(/paused/i)
      .first()
      .waitFor();
    await context.request.patch(`/api/cameras/${id}`, { data: { paused: false } });
    await page.waitForFunction(() => {
      const video = document.querySelector('video');
      return video !== null && video.videoWidth > 0 && video.readyState >= 3 && !video.paused;
    });
    await page.close();
  });
});
