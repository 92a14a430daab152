import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import type { Simulator } from '@porchlight/simulator/server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addCamera,
  keepDown,
  openBrowser,
  openCamera,
  signedInContext,
  startHouse,
  waitForFootage,
  waitForPicture,
  type RunningHouse,
} from './house.ts';
import { lookAt } from './looks.ts';
import { openNetwork, type Network } from './network.ts';

describe('trouble is told in words and goes by itself', needs('chromium', 'ffmpeg', 'footage'), () => {
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let network: Network;
  let camera: Simulator;
  let port = 0;
  let page: Page;
  const openYard = () => openCamera(footagePath('video/outdoor-person-and-dog.mp4'), undefined, port);
  before(async () => {
    camera = await openYard();
    port = camera.port;
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    network = await openNetwork(house.url);
    context = await signedInContext(browser, { ...house, url: network.url });
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await network.close();
    await house[Symbol.asyncDispose]();
    await camera.close();
  });

  it('a house without cameras leads to the first one', async () => {
    await page.goto('/exports');
    await page.getByRole('heading', { name: 'There is no camera to export from' }).waitFor();
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Cameras' }).click();
    await page.getByRole('heading', { name: 'Add your first camera' }).waitFor();
    await lookAt(page, 'no-cameras');
    await page.getByRole('button', { name: 'Add camera' }).click();
    await page.getByRole('dialog').waitFor();
    await lookAt(page, 'add-camera');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const url = footagePath('video/carpark-four-cars-exposure-drift.mp4');
    await addCamera(context, { name: 'Car park', url });
    await addCamera(context, { name: 'Yard', url: camera.url('main') });
    await waitForPicture(page);
  });

  it('while answers are on their way, grey shapes stand where things will be', async () => {
    network.trouble({ path: /\/api\/cameras/, afterBytes: 0, then: 'hold' });
    const waiting = await context.newPage();
    await waiting.goto('/');
    await waiting.getByRole('status', { name: 'Loading' }).waitFor();
    await lookAt(waiting, 'loading-wall');
    await waiting.goto('/cameras/yard');
    await waiting.getByRole('status', { name: 'Loading' }).waitFor();
    await lookAt(waiting, 'loading-camera');
    network.trouble(undefined);
    await waiting.close();
  });

  it('a camera that is switched off is told on the wall and on its page, with what to do, until it is back', async () => {
    await waitForFootage(context, 'yard', 2_000);
    await camera.close();
    await page.goto('/');
    const tile = page.getByRole('listitem').filter({ hasText: 'Yard' });
    await tile.getByText('Offline').waitFor();
    await tile.getByText(/Last picture/).waitFor();
    await page.getByText('1 of 2 online').waitFor();
    await lookAt(page, 'camera-offline-wall');
    await page.goto('/cameras/yard');
    await page.getByText(/Nothing answers at 127\.0\.0\.1/).waitFor();
    await lookAt(page, 'camera-offline');
    camera = await openYard();
    await waitForPicture(page);
    await page.getByText(/Nothing answers at/).waitFor({ state: 'detached' });
  });

  it('a day on which nothing was recorded says so', async () => {
    await page.goto('/cameras/yard');
    await page.getByRole('button', { name: 'Previous day' }).click();
    await page.getByText('Nothing was recorded on this day').waitFor();
    await lookAt(page, 'empty-day');
    await page.getByRole('button', { name: 'Next day' }).click();
    await page.getByText('Nothing was recorded on this day').waitFor({ state: 'detached' });
  });

  it('a recording program that is not running is told in words, and comes back without a reload', async () => {
    await page.goto('/');
    await page.getByText('2 cameras, all well').waitFor();
    const letUp = keepDown(house, 'agent/src/main.ts');
    try {
      await page
        .getByText(/recording program is not running/)
        .first()
        .waitFor();
      await lookAt(page, 'agent-down-wall');
      await page.goto('/cameras/car-park');
      await page
        .getByText(/recording program is not running/)
        .first()
        .waitFor();
      await page.getByRole('alert').getByRole('button', { name: 'Try again' }).first().waitFor();
      await page.getByText('Not recording', { exact: true }).waitFor();
      await lookAt(page, 'agent-down');
    } finally {
      letUp();
    }
    await waitForPicture(page);
    await page.getByRole('slider', { name: 'Timeline of the day' }).waitFor();
    await page
      .getByText(/recording program is not running/)
      .first()
      .waitFor({ state: 'detached' });
  });

  it('a hub that is away is told at the top of the page, and everything goes on when it is back', async () => {
    await page.goto('/');
    await page.getByText('2 cameras, all well').waitFor();
    network.trouble({ path: /./, afterBytes: 0, then: 'cut' });
    await page.getByText('Porchlight cannot be reached. Trying again…').waitFor();
    await page.getByText('Not connected').waitFor();
    assert.equal(await page.getByRole('listitem').getByText('Live').count(), 0, 'nobody knows that now');
    await lookAt(page, 'hub-down');
    network.trouble(undefined);
    await page.getByText('Porchlight cannot be reached. Trying again…').waitFor({ state: 'detached' });
    // The way that failed is tried again after 15 s, at the second try after 30.
    await waitForPicture(page);
  });

  it('the camera page is worked by keys alone', async () => {
    await page.goto('/');
    await page.getByRole('link', { name: 'Open Car park' }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to content');
    await page.getByRole('link', { name: 'Open Car park' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('WebRTC', { exact: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    const play = page.getByRole('button', { name: 'Pause', exact: true });
    await play.waitFor();
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    await page.keyboard.press('Space');
    await play.waitFor();
    await lookAt(page, 'playback');
    await page.keyboard.press('l');
    await page.getByRole('button', { name: 'Live', exact: true, pressed: true }).waitFor();
    await page.getByRole('button', { name: 'Select a clip' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: 'Clip', exact: true }).waitFor();
    await lookAt(page, 'clip');
    await page.keyboard.press('Escape');
    await page.getByRole('group', { name: 'Clip', exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Camera settings' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await lookAt(page, 'settings');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(
      await page.evaluate(() => document.activeElement?.getAttribute('aria-label')),
      'Camera settings',
      'the focus goes back to where it was',
    );
  });
});
