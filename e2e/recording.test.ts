import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { ListedEvent, Triggered } from '@porchlight/contract/events';
import type { Recordings } from '@porchlight/contract/recordings';
import type { Simulator } from '@porchlight/simulator/server';
import type { Browser, BrowserContext } from 'playwright-core';
import {
  addCamera,
  ffmpeg,
  openBrowser,
  openCamera,
  plainCoding,
  signedInContext,
  startHouse,
  waitForPicture,
  type RunningHouse,
} from './house.ts';

/** Hash of every decoded picture. */
function pictures(file: string): string[] {
  const args = [
    '-nostdin',
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:v:0',
    '-fps_mode',
    'passthrough',
    '-f',
    'framemd5',
    '-',
  ];
  const text = execFileSync('ffmpeg', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return text
    .split('\n')
    .flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.split(',').at(-1)!.trim()]));
}

describe('recording by plan, from a camera to the page', needs('chromium', 'ffmpeg', 'footage'), () => {
  const folder = openTempFolder();
  const file = join(folder.path, 'camera.mp4');
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let simulator: Simulator;
  let id = '';
  let away = false;
  before(async () => {
    ffmpeg('-i', footagePath('video/carpark-four-cars-exposure-drift.mp4'), '-an', ...plainCoding, file);
    [house, browser, simulator] = await Promise.all([startHouse(['--no-demo']), openBrowser(), openCamera(file)]);
    context = await signedInContext(browser, house);
    id = await addCamera(context, { name: 'Gate', url: simulator.url('main') });
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
    if (!away) await simulator.close();
    folder[Symbol.dispose]();
  });

  const patch = (data: unknown) => context.request.patch(`/api/cameras/${id}`, { data });
  const trigger = (data: unknown) => context.request.post(`/api/cameras/${id}/triggers`, { data });
  const span = () => `from=${Date.now() - 600_000}&to=${Date.now() + 60_000}`;
  const events = async () =>
    ((await (await context.request.get(`/api/cameras/${id}/events?${span()}`)).json()) as { events: ListedEvent[] })
      .events;
  const recordings = async () =>
    (await (await context.request.get(`/api/cameras/${id}/recordings?${span()}`)).json()) as Recordings;
  const until = async <T>(look: () => Promise<T | undefined>): Promise<T> => {
    for (let tries = 0; tries < 300; tries++) {
      const found = await look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`It did not come to pass: ${JSON.stringify(await recordings())}`);
  };
  const mode = async (): Promise<string | undefined> => {
    const camera = (await (await context.request.get(`/api/cameras/${id}`)).json()) as {
      streams: { name: string; mode?: string }[];
    };
    return camera.streams.find(({ name }) => name === 'main')?.mode;
  };

  it('a schedule that makes no sense is refused with the reason, and the old one stays', async () => {
    const bad = await patch({
      recording: { main: { mode: 'off', periods: [{ day: 'mon', fromMinute: 600, toMinute: 540, mode: 'off' }] } },
    });
    assert.equal(bad.status(), 400);
    assert.match(((await bad.json()) as { message: string }).message, /Monday 10:00–09:00 ends before it starts/);
    const camera = (await (await context.request.get(`/api/cameras/${id}`)).json()) as {
      recording: { main: { mode: string } };
    };
    assert.equal(camera.recording.main.mode, 'continuous');
  });

  it('an event is recorded from before its trigger, bit for bit, and nothing else is', async () => {
    const plan = { main: { mode: 'events' }, preRollMs: 3000, postRollMs: 2000 };
    assert.equal((await patch({ recording: plan })).status(), 200);
    await until(async () => ((await mode()) === 'events' ? true : undefined));
    // Whatever was recorded before the plan changed ends, and the ring fills.
    const waiting = await until(async () => {
      const { spans, gaps } = await recordings();
      const gap = gaps.at(-1);
      const waits = gap?.reason === 'no-event' && gap.toMs - gap.fromMs > 5000 && spans.every(({ open }) => !open);
      return waits ? gap : undefined;
    });
    const answer = await trigger({ kind: 'motion', label: 'Somebody at the gate' });
    assert.equal(answer.status(), 201, await answer.text());
    const { event, recording } = (await answer.json()) as Triggered;
    assert.ok(recording && event.open);
    const clip = await until(async () => {
      const { spans } = await recordings();
      return spans.find(({ fromMs, open }) => fromMs > waiting.fromMs + 1000 && !open);
    });
    // 15 pictures a second, a key frame each second.
    assert.ok(clip.fromMs <= event.atMs - 3000 + 500, `begins ${event.atMs - clip.fromMs} ms before`);
    assert.ok(clip.fromMs >= event.atMs - 3000 - 1500);
    assert.ok(clip.toMs >= event.atMs + 1500 && clip.toMs <= event.atMs + 4500);
    const listed = (await events()).find((each) => each.id === event.id)!;
    assert.deepEqual([listed.kind, listed.label, listed.hasFootage], ['motion', 'Somebody at the gate', true]);

    const exported = await context.request.get(`/api/cameras/${id}/export.mp4?from=${clip.fromMs}&to=${clip.toMs}`);
    const clipFile = join(folder.path, 'clip.mp4');
    writeFileSync(clipFile, await exported.body());
    const got = pictures(clipFile);
    const source = pictures(file);
    assert.ok(got.length >= 60);
    const start = source.findIndex((_, at) =>
      got.every((hash, index) => hash === source[(at + index) % source.length]),
    );
    assert.ok(start >= 0, 'its pictures are those of the camera, in order');
    assert.equal(start % 15, 0, 'it begins with a key frame');
  });

  it('triggers that overlap answer with one event, and a lasting one is ended by its id', async () => {
    const first = (await (await trigger({ kind: 'doorbell', lasting: true })).json()) as Triggered;
    const second = (await (await trigger({ kind: 'motion' })).json()) as Triggered;
    assert.deepEqual([second.event.id, second.merged], [first.event.id, true]);
    assert.equal(second.event.triggers, first.event.triggers + 1);
    const path = `/api/cameras/${id}/triggers/${first.event.id}/end`;
    const ended = await context.request.post(path, { headers: { origin: house.url } });
    assert.equal(ended.status(), 200, await ended.text());
    await until(async () =>
      (await events()).find((each) => each.id === first.event.id)?.open === false ? true : undefined,
    );
    assert.equal((await context.request.post(path, { headers: { origin: house.url } })).status(), 404);
    assert.equal((await trigger({ kind: 'Not A Word' })).status(), 400);
  });

  it('the command line triggers too, and prints the id of the event', async () => {
    const bin = join(import.meta.dirname, '../bin/porchlight.js');
    const args = ['trigger', id, '--kind', 'doorbell', '--label', 'Front door', '--data', house.folder];
    const printed = execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8' }).trim();
    assert.ok((await events()).some((each) => each.id === printed));
    assert.throws(() => execFileSync(process.execPath, [bin, 'trigger', id, '--kind', 'NO'], { stdio: 'ignore' }), {
      status: 2,
    });
  });

  it('on the page: record now, stop, and the event plays from its picture', async () => {
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    await waitForPicture(page);
    const before = (await events()).length;
    await page.getByRole('button', { name: 'Record now' }).click();
    await page.getByText(/^Recording \d+ s$/).waitFor();
    await page.getByRole('button', { name: 'Stop recording' }).click();
    await page.getByRole('button', { name: 'Record now' }).waitFor();
    assert.ok((await events()).length >= before);
    const listed = page.getByRole('button', { name: /^Play .* at / }).first();
    await listed.scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector('canvas[data-shown]') !== null);
    await listed.click();
    await page.waitForFunction(() =>
      [...document.querySelectorAll('video')].some(({ currentTime, src }) => src !== '' && currentTime > 0.5),
    );
    await page.close();
  });

  it('on the page: the plan of the week is painted with keys and saved', async () => {
    const page = await context.newPage();
    await page.goto(`/cameras/${id}`);
    await page.getByRole('button', { name: 'Camera settings' }).click();
    await page.getByLabel('Different at certain times of the week').first().click();
    await page.getByRole('application').focus();
    for (const key of ['ArrowDown', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter']) await page.keyboard.press(key);
    await page.getByText('Tue–Wed 00:00–01:00').waitFor();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    const { recording } = (await (await context.request.get(`/api/cameras/${id}`)).json()) as {
      recording: { main: { periods: unknown[] }; timeZone: string };
    };
    assert.deepEqual(recording.main.periods, [
      { day: 'tue', fromMinute: 0, toMinute: 60, mode: 'continuous' },
      { day: 'wed', fromMinute: 0, toMinute: 60, mode: 'continuous' },
    ]);
    assert.equal(typeof recording.timeZone, 'string');
    await page.close();
  });

  it('a trigger while nothing is to be recorded is refused; one while the camera is away is told', async () => {
    await patch({ recording: { main: { mode: 'off' } } });
    await until(async () => ((await mode()) === 'off' ? true : undefined));
    const refused = await trigger({ kind: 'motion' });
    assert.equal(refused.status(), 409);
    assert.equal(typeof ((await refused.json()) as { fix?: string }).fix, 'string');
    // The ledger hears of it a moment after the plan.
    await until(async () => ((await recordings()).gaps.at(-1)?.reason === 'paused-by' ? true : undefined));
    await patch({ recording: { main: { mode: 'events' } } });
    away = true;
    await simulator.close();
    const told = await until(async () => {
      const answer = await trigger({ kind: 'motion' });
      const body = (await answer.json()) as Triggered;
      return answer.status() === 201 && !body.recording ? body : undefined;
    });
    assert.deepEqual([told.reason, typeof told.message], ['camera-offline', 'string']);
  });
});
