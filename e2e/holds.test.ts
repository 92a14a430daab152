import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs } from '@porchlight/base/testing';
import type { ListedEvent } from '@porchlight/contract/events';
import type { Hold } from '@porchlight/contract/storage';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { addCamera, openBrowser, signedInContext, startHouse, waitForFootage, type RunningHouse } from './house.ts';
import { lookAt } from './looks.ts';

const note = 'The blue car at the gate';

describe('footage is kept for good and released, on the camera page', needs('chromium', 'footage'), () => {
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let id = '';
  before(async () => {
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    context = await signedInContext(browser, house);
    id = await addCamera(context, { name: 'Car park', url: footagePath('video/carpark-four-cars-exposure-drift.mp4') });
    await waitForFootage(context, id, 3_000);
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
  });

  const readHolds = async (): Promise<Hold[]> =>
    ((await (await context.request.get(`/api/cameras/${id}/holds`)).json()) as { holds: Hold[] }).holds;
  const dialog = (): Locator => page.getByRole('dialog');
  const list = (): Locator => page.getByRole('region', { name: 'Kept for good' });
  /** An event with footage that is over. */
  async function makeEvent(): Promise<ListedEvent> {
    const recording = { main: { mode: 'continuous' }, preRollMs: 1000, postRollMs: 1000 };
    assert.equal((await context.request.patch(`/api/cameras/${id}`, { data: { recording } })).status(), 200);
    const data = { kind: 'motion', label: 'Somebody at the gate' };
    assert.equal((await context.request.post(`/api/cameras/${id}/triggers`, { data })).status(), 201);
    for (let tries = 0; tries < 300; tries++) {
      const nowMs = Date.now();
      const answer = await context.request.get(`/api/cameras/${id}/events?from=${nowMs - 600_000}&to=${nowMs}`);
      const [event] = ((await answer.json()) as { events: ListedEvent[] }).events;
      if (event?.open === false && event.hasFootage) return event;
      await page.waitForTimeout(200);
    }
    throw new Error('The event does not end');
  }

  it('says how to begin when nothing is kept', async () => {
    await page.goto(`/cameras/${id}`);
    await list()
      .getByText(/^Nothing yet\. Press the scissors/)
      .waitFor();
  });

  it('a span of the timeline is kept, with why; it stands in the list and on the timeline', async () => {
    await page.getByRole('button', { name: 'Select a clip' }).click();
    await page.getByRole('button', { name: 'Keep for good', exact: true }).click();
    await dialog()
      .getByText(/^No budget and no full disk deletes it/)
      .waitFor();
    await lookAt(page, 'keep-dialog');
    await dialog().getByLabel('Why').fill(note);
    await page.keyboard.press('Enter');
    await dialog().waitFor({ state: 'detached' });
    const [hold] = await readHolds();
    assert.equal(hold!.note, note);
    assert.ok(hold!.toMs - hold!.fromMs > 1000 && hold!.toMs <= Date.now());
    await list().getByText(note).waitFor();
    const slider = page.getByRole('slider', { name: 'Timeline of the day' });
    const box = (await slider.boundingBox())!;
    const [from, to] = await slider.evaluate(({ dataset }) => [Number(dataset['from']), Number(dataset['to'])]);
    await page.mouse.move(box.x + ((hold!.toMs - 500 - from) / (to - from)) * box.width, box.y + 45);
    await slider.getByText(`Kept for good: ${note}`).waitFor();
  });

  it('an event is kept by its lock, which then says so', async () => {
    const event = await makeEvent();
    const lock = page.getByRole('button', { name: /^Keep Somebody at the gate at .* for good$/ });
    await lock.click();
    assert.equal(await dialog().getByLabel('Why').inputValue(), 'Somebody at the gate');
    await dialog().getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('img', { name: /^Somebody at the gate at .* is kept for good$/ }).waitFor();
    assert.equal(await lock.count(), 0);
    const hold = (await readHolds()).find((each) => each.note === 'Somebody at the gate')!;
    assert.deepEqual([hold.fromMs, hold.toMs], [event.fromMs, event.toMs]);
    await page.mouse.move(0, 0);
    await lookAt(page, 'holds');
  });

  it('a click on what is kept plays it', async () => {
    await list()
      .getByRole('button', { name: /^Play Somebody at the gate, / })
      .click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].some(({ currentTime, src }) => src !== '' && currentTime > 0.2),
    );
    await page.keyboard.press('l');
  });

  it('what the house refuses is told with what to do, and nothing is kept', async () => {
    const before = await readHolds();
    const refusal = { kind: 'conflict', message: '12 MB would be held, 10 MB may be', fix: 'Release something.' };
    await page.route('**/holds', (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 409, json: refusal }) : route.continue(),
    );
    await page.getByRole('button', { name: 'Keep for good', exact: true }).click();
    await dialog().getByRole('button', { name: 'Keep it' }).click();
    await dialog().getByRole('alert').getByText(refusal.message).waitFor();
    await dialog().getByRole('alert').getByText(refusal.fix).waitFor();
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'detached' });
    await page.unroute('**/holds');
    assert.deepEqual(await readHolds(), before);
  });

  it('is released only after a question, and the focus goes back', async () => {
    const release = list().getByRole('button', { name: new RegExp(`^Release ${note}, `) });
    await release.focus();
    await page.keyboard.press('Enter');
    await dialog()
      .getByText(/^From then on it ages like everything else/)
      .waitFor();
    await lookAt(page, 'release-dialog');
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await dialog().waitFor({ state: 'detached' });
    assert.equal((await readHolds()).length, 2);
    assert.ok(await release.evaluate((button) => button === document.activeElement));
    await release.click();
    await dialog().getByRole('button', { name: 'Release' }).click();
    await list().getByText(note).waitFor({ state: 'detached' });
    assert.deepEqual(
      (await readHolds()).map((each) => each.note),
      ['Somebody at the gate'],
    );
  });

  it('a list that cannot be had says so, and comes back by itself', async () => {
    const refusal = { kind: 'unavailable', message: 'The recording program is not running' };
    await page.route('**/holds', (route) => route.fulfill({ status: 503, json: refusal }));
    await page.reload();
    await list()
      .getByText(/cannot be shown now/)
      .waitFor();
    await page.unroute('**/holds');
    await list().getByText('Somebody at the gate', { exact: true }).waitFor();
  });
});
