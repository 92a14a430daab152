import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Camera } from '@porchlight/contract/camera';
import { footagePath, needs } from '@porchlight/base/testing';
import type { Simulator } from '@porchlight/simulator/server';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import {
  openBrowser,
  openCamera,
  signedInContext,
  startHouse,
  waitForFootage,
  waitForPicture,
  type RunningHouse,
  patienceMs,
} from './house.ts';
import { lookAt } from './looks.ts';
import { openTlsFront } from './tls-front.ts';

const file = (name: string): string => footagePath(`video/${name}.mp4`);
const login = { username: 'viewer', password: 'Marked/Pass 1@:?' };

describe('cameras are added, changed and removed by the forms', needs('chromium', 'ffmpeg', 'footage'), () => {
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let camera: Simulator;
  let page: Page;
  before(async () => {
    camera = await openCamera(file('carpark-car-and-cyclist'), login);
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    context = await signedInContext(browser, house);
    page = await context.newPage();
    await page.goto('/');
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
    await camera.close();
  });

  const dialog = (): Locator => page.getByRole('dialog');
  const button = (name: string): Locator => dialog().getByRole('button', { name, exact: true });
  const field = (label: string): Locator => dialog().getByLabel(label, { exact: true });
  const address = (): Locator => field('Address');
  const readCamera = async (id: string): Promise<Camera> =>
    (await (await context.request.get(`/api/cameras/${id}`)).json()) as Camera;
  async function openSettings(id: string): Promise<void> {
    await page.goto(`/cameras/${id}`);
    await page.getByRole('button', { name: 'Camera settings' }).click();
    await field('Name').waitFor();
  }

  it('a wrong password is told in words before anything is saved, the right one shows what the camera sends', async () => {
    await page.getByRole('button', { name: 'Add camera' }).click();
    await field('Name').fill('Front door');
    await address().fill(camera.url('main'));
    await field('User name').fill(login.username);
    await field('Password').fill('wrong');
    assert.equal(await button('Add camera').count(), 0, 'the test comes before saving');
    await button('Test').click();
    await dialog().getByText('The camera refused the user name or password.').waitFor();
    await dialog()
      .getByText(/Check both in the camera/)
      .waitFor();
    const { cameras } = (await (await context.request.get('/api/cameras')).json()) as { cameras: Camera[] };
    assert.deepEqual(cameras, []);

    await field('Password').fill(login.password);
    await field('Password').press('Enter');
    await dialog().getByText('It works').waitFor();
    await dialog()
      .getByText(/Main stream: H\.264, \d+ × \d+/)
      .waitFor();
    await button('Add camera').click();
    await dialog().waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Open Front door' }).waitFor();
    await waitForPicture(page);
    const added = await readCamera('front-door');
    assert.equal(added.url, camera.url('main'), 'without user and password');
    assert.equal(added.hasCredentials, true);
  });

  it('user and password may stand in the address, which takes them out', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Add camera' }).click();
    const { username, password } = login;
    const user = `${username}:${encodeURIComponent(password)}@`;
    await address().fill(camera.url('second').replace('rtsp://', `rtsp://${user}`));
    await button('Test').click();
    await dialog().getByText('It works').waitFor();
    await button('Add camera').click();
    await dialog().waitFor({ state: 'detached' });
    const added = await readCamera('127-0-0-1');
    assert.equal(added.url, camera.url('second'));
    assert.ok(!(await page.content()).includes(encodeURIComponent(password)));
  });

  it('a video file is a camera; a path that is not there is told in words', async () => {
    await page.goto('/');
    await page.getByRole('button', { name: 'Add camera' }).click();
    await address().fill('/videos/not-there.mp4');
    assert.equal(await field('Password').count(), 0, 'a file asks for no password');
    await button('Test').click();
    await dialog().getByText('The file does not exist.').waitFor();
    await button('Add without a working test').waitFor();
    await address().fill(file('carpark-four-cars-exposure-drift'));
    await button('Test').click();
    await dialog().getByText('It works').waitFor();
    await button('Add camera').click();
    await dialog().waitFor({ state: 'detached' });
    const name = 'carpark four cars exposure drift';
    await page.getByRole('link', { name: `Open ${name}` }).waitFor();
  });

  it('a camera is renamed, paused and resumed', async () => {
    await openSettings('front-door');
    await field('Name').fill('Porch');
    await dialog().getByRole('switch', { name: 'Pause this camera' }).focus();
    await page.keyboard.press('Space');
    assert.ok(await dialog().getByRole('switch', { name: 'Pause this camera' }).isChecked());
    await button('Save').click();
    await page.getByRole('heading', { name: 'Porch' }).waitFor();
    await page.getByText('Not recording and not watching until you resume.').waitFor();
    assert.deepEqual([(await readCamera('front-door')).name, (await readCamera('front-door')).paused], ['Porch', true]);
    await page.getByRole('button', { name: 'Resume' }).click();
    await waitForPicture(page);
    assert.equal((await readCamera('front-door')).paused, false);
  });

  it('a new address is tested with the stored password before it is saved, and another machine is not given it', async () => {
    await openSettings('front-door');
    await address().fill(camera.url('third'));
    assert.equal(await button('Save').count(), 0, 'a changed source is tested first');
    await button('Test').click();
    await dialog().getByText('It works').waitFor();
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal((await readCamera('front-door')).url, camera.url('third'));
    await waitForPicture(page);

    await openSettings('front-door');
    await address().fill(camera.url('main').replace('127.0.0.1', 'localhost'));
    await button('Test').click();
    await dialog().getByText('The camera asks for a user name and password.').waitFor();
    await button('Save without a working test').click();
    await dialog()
      .getByText(/another machine, and the password was for the old one/)
      .waitFor();
    await button('Close').click();
    await dialog().waitFor({ state: 'detached' });
  });

  it('a stall limit is set in seconds, and one that is too short is refused with the reason', async () => {
    await openSettings('front-door');
    await button('More choices').click();
    const stall = dialog().getByRole('textbox', { name: 'Counts as stalled after (seconds)' });
    await stall.fill('1');
    await button('Save').click();
    await dialog().getByText('A stall limit has at least 2 seconds', { exact: true }).waitFor();
    assert.equal((await readCamera('front-door')).stallMs, undefined);
    await stall.fill('2.5');
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal((await readCamera('front-door')).stallMs, 2500);
    await openSettings('front-door');
    await stall.fill('');
    await button('Save').click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal((await readCamera('front-door')).stallMs, undefined);
  });

  it('another certificate than before is told in words, and trusted at one click', async () => {
    const first = await openTlsFront(camera.port);
    const url = `rtsps://127.0.0.1:${first.port}/main`;
    const added = await context.request.post('/api/cameras', { data: { name: 'Vault', url, ...login } });
    assert.equal(added.status(), 201);
    await page.goto('/cameras/vault');
    await waitForPicture(page);
    await first.close();
    const second = await openTlsFront(camera.port, first.port);
    try {
      await page.getByText('This camera shows another certificate than before').waitFor();
      await lookAt(page, 'certificate-changed');
      await page.getByRole('button', { name: 'Trust the new certificate' }).click();
      await page.getByText('This camera shows another certificate than before').waitFor({ state: 'detached' });
      await page.getByText('WebRTC', { exact: true }).waitFor();
      const { paused, state } = await readCamera('vault');
      assert.deepEqual([paused, state.status], [false, 'online']);
      assert.equal((await context.request.delete('/api/cameras/vault?footage=delete')).status(), 204);
    } finally {
      await second.close();
    }
  });

  it('a camera is removed with its footage kept, or deleted too', async () => {
    const footage = (id: string): string[] => {
      const folder = join(house.folder, 'archive');
      const all = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
      return all.filter((path) => path.includes(id) && path.endsWith('.mp4'));
    };
    for (const { id, choice, keeps } of [
      { id: 'front-door', choice: /^Keep the footage/, keeps: true },
      { id: '127-0-0-1', choice: /^Delete the footage too/, keeps: false },
    ]) {
      await waitForFootage(context, id, 1_000);
      assert.ok(footage(id).length > 0, id);
      await openSettings(id);
      await button('Remove camera').click();
      await dialog().getByRole('button', { name: choice }).click();
      await page.waitForURL(`${house.url}/`);
      await page.getByRole('heading', { name: 'Cameras' }).waitFor();
      assert.equal((await context.request.get(`/api/cameras/${id}`)).status(), 404);
      const deadline = performance.now() + patienceMs;
      while (!keeps && footage(id).length > 0 && performance.now() < deadline) await page.waitForTimeout(100);
      assert.equal(footage(id).length > 0, keeps, id);
    }
    await page.getByRole('link', { name: 'Open carpark four cars exposure drift' }).waitFor();
    assert.equal(await page.getByRole('link', { name: /^Open/ }).count(), 1);
  });
});
