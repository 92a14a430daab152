import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { footagePath, needs, openTempFolder } from '@porchlight/base/testing';
import type { ExportFile, ExportJob } from '@porchlight/contract/exports';
import { manifestSchema } from '@porchlight/contract/proof';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import {
  addCamera,
  ffmpeg,
  openBrowser,
  plainCoding,
  signedInContext,
  startHouse,
  waitForFootage,
  type RunningHouse,
} from './house.ts';

const command = resolve(import.meta.dirname, '../bin/porchlight.js');

describe('exports of several cameras, from the page to files that hold', needs('chromium', 'ffmpeg', 'footage'), () => {
  const folder = openTempFolder();
  let house: RunningHouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let ids: string[] = [];
  before(async () => {
    const file = join(folder.path, 'camera.mp4');
    ffmpeg('-i', footagePath('video/carpark-four-cars-exposure-drift.mp4'), '-an', ...plainCoding, file);
    // One file is one camera.
    const second = join(folder.path, 'second.mp4');
    copyFileSync(file, second);
    [house, browser] = await Promise.all([startHouse(['--no-demo']), openBrowser()]);
    context = await signedInContext(browser, house);
    ids = [
      await addCamera(context, { name: 'Gate', url: file }),
      await addCamera(context, { name: 'Barn', url: second }),
    ];
    await Promise.all(ids.map((id) => waitForFootage(context, id, 8_000)));
    page = await context.newPage();
  });
  after(async () => {
    await browser.close();
    await house[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const jobs = async (): Promise<ExportJob[]> =>
    ((await (await context.request.get('/api/exports')).json()) as { exports: ExportJob[] }).exports;
  const fetchFile = async ({ id }: ExportJob, { name }: Pick<ExportFile, 'name'>): Promise<Buffer> => {
    const answer = await context.request.get(`/api/exports/${id}/files/${name}`);
    assert.equal(answer.status(), 200);
    return answer.body();
  };
  const secondsOf = (path: string): number =>
    Number(
      execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path], {
        encoding: 'utf8',
      }),
    );

  it('two cameras chosen on the page become two files, a manifest and a zip, whole and verified', async () => {
    const nowMs = Date.now();
    await page.goto(`/exports?from=${nowMs - 60_000}&to=${nowMs}`);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('alert').getByText('Choose a camera.').waitFor();
    await page.getByLabel('All', { exact: true }).check();
    await page.getByRole('switch', { name: 'Everything as one zip, too' }).check();
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const card = page.getByRole('list', { name: 'Exports' }).getByRole('listitem').first();
    await card.getByText(/^Done\./).waitFor();
    const [job] = await jobs();
    assert.deepEqual(
      job!.files.map(({ kind }) => kind),
      ['clip', 'clip', 'manifest', 'zip'],
    );
    const target = join(folder.path, 'export');
    mkdirSync(target);
    for (const file of job!.files) writeFileSync(join(target, file.name), await fetchFile(job!, file));
    const [begun] = await Promise.all([
      page.waitForEvent('download'),
      card.getByRole('link', { name: /^Gate/ }).click(),
    ]);
    assert.equal(begun.suggestedFilename(), job!.files[0]!.name);
    const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(target, 'manifest.proof.json'), 'utf8')));
    assert.ok(manifest.signature !== undefined && manifest.export?.lines.length === 2);
    for (const { name, sha256, fromMs, toMs } of manifest.files) {
      const bytes = readFileSync(join(target, name));
      assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256);
      assert.ok(Math.abs(secondsOf(join(target, name)) - (toMs - fromMs) / 1000) < 0.5, name);
    }
    // What is still being written has no fact yet: then nothing is broken, and not all is proved (3).
    const { status, stdout } = spawnSync(process.execPath, [command, 'verify', '--json', target], { encoding: 'utf8' });
    assert.ok(status === 0 || status === 3, stdout);
    const verified = JSON.parse(stdout) as { broken: string[]; files: number };
    assert.deepEqual([verified.broken, verified.files], [[], 2]);
  });

  it('a range of a clip and of the zip is that piece of it, and a stranger gets nothing', async () => {
    const [job] = await jobs();
    for (const file of [job!.files[0]!, job!.files.at(-1)!]) {
      const whole = await fetchFile(job!, file);
      assert.equal(whole.length, file.sizeBytes);
      const url = `/api/exports/${job!.id}/files/${file.name}`;
      const part = await context.request.get(url, { headers: { range: 'bytes=1000-1999' } });
      assert.equal(part.status(), 206);
      assert.equal(part.headers()['content-range'], `bytes 1000-1999/${file.sizeBytes}`);
      assert.deepEqual(await part.body(), whole.subarray(1000, 2000));
      assert.equal((await fetch(new URL(url, house.url))).status, 401);
    }
    const odd = await context.request.get(`/api/exports/${job!.id}/files/job.json`);
    assert.equal(odd.status(), 404);
  });

  it('a deleted export is gone; one of nothing says so and can be deleted', async () => {
    const [job] = await jobs();
    const card = page.getByRole('list', { name: 'Exports' }).getByRole('listitem').first();
    await card.getByRole('button', { name: /^Delete/ }).click();
    await page.getByText('No exports yet').waitFor();
    assert.equal((await context.request.get(`/api/exports/${job!.id}`)).status(), 404);
    const data = { cameras: ids, fromMs: 1_000_000, toMs: 2_000_000 };
    const added = await context.request.post('/api/exports', { data });
    assert.equal(added.status(), 201);
    await page.reload();
    await page.getByText('Nothing is recorded in this span').waitFor();
    const wrong = await context.request.post('/api/exports', { data: { ...data, cameras: [] } });
    assert.equal(wrong.status(), 400);
  });

  it('the command line exports both cameras by a job, and as one zip', async () => {
    const nowMs = Date.now();
    const span = ['--from', String(nowMs - 10_000), '--to', String(nowMs), '--data', house.folder];
    const run = (...args: string[]): string =>
      execFileSync(process.execPath, [command, 'export', ...ids, ...span, ...args], { encoding: 'utf8' });
    const target = join(folder.path, 'by-command');
    assert.match(run('--out', target), /Saved .*manifest\.proof\.json/);
    const zip = join(folder.path, 'both.zip');
    run('--zip', '--out', zip);
    assert.equal(readFileSync(zip).readUInt32LE(0), 0x04034b50);
    const left = (await jobs()).filter(({ state }) => state === 'done');
    assert.deepEqual(left, [], 'what was fetched is deleted in the house');
  });
});
