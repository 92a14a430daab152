import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { needs } from '@porchlight/base/testing';
import type { Camera } from '@porchlight/contract/camera';
import type { AgentStorage, Hold } from '@porchlight/contract/storage';
import { openBrowser, signedInContext, startHouse, type RunningHouse } from './house.ts';
import { lookAt } from './looks.ts';

describe('storage in a browser', needs('chromium'), () => {
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;

  before(async () => {
    house = await startHouse();
    browser = await openBrowser();
    context = await signedInContext(browser, house);
  });
  after(async () => {
    await browser?.close();
    await house?.[Symbol.asyncDispose]();
  });

  const read = async (): Promise<AgentStorage> => {
    const answer = await context.request.get('/api/storage');
    return ((await answer.json()) as { agents: AgentStorage[] }).agents[0]!;
  };

  it('shows where footage is kept, how the disk is, and that nobody has chosen', async () => {
    const page = await context.newPage();
    await page.goto('/storage');
    await page.getByText('All well').waitFor();
    await page.getByText('nobody has chosen yet').waitFor();
    await page.goto('/');
    await page.getByText(/until you choose/).waitFor();
    await page.close();
  });

  it('tries the disk with a real write, promises days, and keeps what was chosen', async () => {
    const page = await context.newPage();
    await page.goto('/storage');
    await page.getByRole('button', { name: 'Try this disk' }).click();
    await page.getByText('This folder is a place for footage already').waitFor();
    await page.getByText(/^About .* for 1 camera/).waitFor();
    await page.getByText('As much as fits').click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForFunction(() => !document.body.textContent?.includes('nobody has chosen yet'));
    assert.equal((await read()).config.volumes[0]!.bytes, 'most');
    await page.close();
  });

  it('refuses more than the disk holds, in words, and the old choice stays', async () => {
    const page = await context.newPage();
    await page.goto('/storage');
    await page.getByText('A set amount').click();
    await page.getByLabel('Gigabytes').fill('900000');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/more than 90 %/).waitFor();
    assert.equal((await read()).config.volumes[0]!.bytes, 'most');
    await page.close();
  });

  const openLimits = async (page: Page): Promise<Locator> => {
    await page.goto('/storage');
    await page.getByRole('button', { name: 'Change how long footage of Demo street is kept' }).click();
    return page.getByRole('dialog');
  };
  const readCamera = async (): Promise<Camera> =>
    ((await (await context.request.get('/api/cameras')).json()) as { cameras: Camera[] }).cameras[0]!;

  it('gives a camera limits of its own, and says for how long they do', async () => {
    const page = await context.newPage();
    // What a camera sends a day is known after a minute only.
    const perDay = 20e9;
    await page.route('**/api/cameras', async (route) => {
      const { cameras } = (await (await route.fetch()).json()) as { cameras: Camera[] };
      await route.fulfill({
        json: { cameras: cameras.map((each) => ({ ...each, kept: { ...each.kept!, bytesPerDay: perDay } })) },
      });
    });
    const dialog = await openLimits(page);
    assert.equal(await dialog.getByLabel('Everything together, Gigabytes').inputValue(), '2', 'as the demo comes');
    await dialog.getByText('As for every camera').click();
    await dialog.getByText('Every camera is kept for the same time').waitFor();
    await dialog.getByText('Limits of its own').click();
    await dialog.getByLabel('Everything together, Gigabytes').fill('');
    await dialog.getByLabel('Recorded always, Gigabytes').fill('1');
    await dialog.getByText('Lasts about 1 h, by the 20.0 GB that this camera sends a day.').waitFor();
    await dialog.getByLabel('Recorded always, Days').fill('14');
    await dialog.getByLabel('Events, Days').fill('90');
    await dialog.getByLabel('Kept for good, Gigabytes').fill('0.5');
    await lookAt(page, 'limits');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const budget = { continuous: { days: 14, bytes: 1e9 }, event: { days: 90 }, held: { bytes: 5e8 } };
    assert.deepEqual((await readCamera()).budget, budget);
    await page.getByText('own limits').waitFor();
    await page.close();
  });

  it('refuses limits that make no sense, with the reason, and those from before stay', async () => {
    const page = await context.newPage();
    const before = (await readCamera()).budget;
    const dialog = await openLimits(page);
    await dialog.getByRole('textbox', { name: 'Thin out after so many days' }).fill('20');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/^Thin out after so many days: Footage would be deleted before it is thinned/)
      .waitFor();
    await dialog.getByRole('textbox', { name: 'Thin out after so many days' }).fill('');
    await dialog.getByRole('textbox', { name: 'Everything together, Gigabytes' }).fill('0.000001');
    await dialog.getByText('This deletes footage').waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/^Everything together, Gigabytes: /)
      .waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual((await readCamera()).budget, before);
    await page.close();
  });

  it('takes a camera’s own limits away again, on its own page', async () => {
    const page = await context.newPage();
    await page.goto(`/cameras/${(await readCamera()).id}`);
    await page.getByText('own limits').waitFor();
    await page.getByRole('button', { name: 'Change how long' }).click();
    await page.getByRole('dialog').getByText('As for every camera').click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal((await readCamera()).budget, undefined);
    await page.getByText('own limits').waitFor({ state: 'detached' });
    await page.close();
  });

  it('goes over to another folder, and footage that is on the first stays', async () => {
    const folder = join(house.folder, 'another-disk');
    mkdirSync(folder);
    const page = await context.newPage();
    await page.goto('/storage');
    await page.getByLabel('Folder', { exact: true }).fill(folder);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: folder }).waitFor();
    await page.waitForFunction(() => document.querySelectorAll('[data-state="ok"]').length === 2);
    const { status } = await read();
    assert.deepEqual(
      status!.volumes.map(({ id, recording }) => [id, recording]),
      [
        ['disk-2', true],
        ['main', false],
      ],
    );
    await page.close();
  });

  it('holds a span and releases it, by the API', async () => {
    const cameras = (await (await context.request.get('/api/cameras')).json()) as { cameras: { id: string }[] };
    const path = `/api/cameras/${cameras.cameras[0]!.id}/holds`;
    const nowMs = (await read()).status!.volumes[0]!.sinceMs;
    const held = await context.request.post(path, { data: { fromMs: nowMs - 60_000, toMs: nowMs, note: 'the fox' } });
    assert.equal(held.status(), 201, await held.text());
    const { id } = (await held.json()) as Hold;
    const listed = (await (await context.request.get(path)).json()) as { holds: Hold[] };
    assert.deepEqual([listed.holds[0]!.id, listed.holds[0]!.note], [id, 'the fox']);
    const wrong = await context.request.post(path, { data: { fromMs: nowMs, toMs: nowMs - 1 } });
    assert.deepEqual([wrong.status(), ((await wrong.json()) as { kind: string }).kind], [400, 'invalid']);
    assert.equal((await context.request.delete(`${path}/${id}`)).status(), 204);
    assert.equal((await context.request.delete(`${path}/${id}`)).status(), 404);
  });
});
