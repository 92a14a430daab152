/// <reference lib="dom" />
/**
 * Playback on the camera page: from a click on the timeline to the picture, from a scrub step to its key picture, and playing over
 * file boundaries. Records the numbered stream first.
 * node bench/playback.ts [--minutes 4] [--clicks 20] [--steps 100] [--runs 3] [--boundaries 3] [--json FILE] (Chromium, ffmpeg)
 */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { startHouse, until, type House } from './house.ts';
import { median, percentile, sleep, watchSteal } from './measure.ts';
import { openBrowser, openNumberedCamera, overRuns, round, run, signedIn, type NumberedCamera } from './page.ts';
import { clickedSource, watchClickSource, watchPlayingSource, type Clicked, type Played } from './watch-playback.ts';

const names = ['minutes', 'clicks', 'steps', 'runs', 'boundaries'] as const;
const values: Readonly<Record<string, string | undefined>> = parseArgs({
  options: {
    ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
    json: { type: 'string' },
  },
}).values;
const [minutes = 4, clicks = 20, steps = 100, runs = 3, boundaries = 3] = names.map((name) =>
  values[name] === undefined ? undefined : Number(values[name]),
);
const roundMs = 40_000;

type Span = { readonly fromMs: number; readonly toMs: number };

/** What is recorded and old enough not to count as now. */
async function recorded(house: House): Promise<Span> {
  const nowMs = Date.now();
  const answer = await house.api(`/api/cameras/numbered/recordings?from=${nowMs - 3_600_000}&to=${nowMs}`);
  const { spans } = (await answer.json()) as { spans: (Span & { stream: string })[] };
  const [span] = spans.filter(({ stream }) => stream === 'main');
  if (span === undefined || spans.length !== 1) throw new Error(`Expected one recorded span, got ${spans.length}`);
  return { fromMs: span.fromMs + 500, toMs: Math.min(span.toMs, nowMs) - 8000 };
}

/** Where a time lies on the timeline, and the time that this whole pixel stands for. */
async function placeOf(page: Page, wallMs: number): Promise<{ x: number; y: number; wallMs: number }> {
  const timeline = page.getByRole('slider');
  const box = (await timeline.boundingBox())!;
  const [fromMs, toMs] = await Promise.all(
    ['data-from', 'data-to'].map(async (name) => Number(await timeline.getAttribute(name))),
  );
  const perPx = (toMs! - fromMs!) / box.width;
  const x = Math.round(box.x + (wallMs - fromMs!) / perPx);
  return { x, y: Math.round(box.y + box.height / 2), wallMs: fromMs! + (x - box.x) * perPx };
}

const goLive = (page: Page): Promise<void> => page.getByRole('button', { name: 'Go to live' }).click();

/** Clicks by turns from the live picture and while playing. */
async function measureClicks(page: Page, house: House, camera: NumberedCamera) {
  const took: (Clicked & { from: 'live' | 'playing' })[] = [];
  let beforeMs = Date.now();
  for (let index = 0; index < clicks; index++) {
    const from = index % 2 === 0 ? 'live' : 'playing';
    if (from === 'live' && index > 0) {
      await goLive(page);
      await sleep(1500);
    }
    const { fromMs, toMs } = await recorded(house);
    let wallMs: number;
    // Another number than the one on the screen, or an old picture would pass for the new one.
    do wallMs = fromMs + Math.random() * (toMs - fromMs);
    while (Math.abs(((wallMs - beforeMs + 1.5 * roundMs) % roundMs) - roundMs / 2) < 5000);
    const place = await placeOf(page, wallMs);
    const argument = JSON.stringify({ wallMs: place.wallMs, zeroMs: camera.zeroMs });
    await page.evaluate(`(${watchClickSource})(${argument})`);
    await page.mouse.click(place.x, place.y);
    took.push({ ...(await page.evaluate<Clicked>(clickedSource)), from });
    await sleep(1500);
    beforeMs = place.wallMs + 1500;
  }
  await goLive(page);
  return took;
}

const stepPauseMs = 200;
const stepsPerDrag = 12;

/** Drags over random places, a step every 200 ms; a picture that was in the page already is no measurement. */
async function measureScrubbing(
  page: Page,
  house: House,
): Promise<{ took: number[]; missing: number; cached: number }> {
  const span = await recorded(house);
  const anywhere = () => placeOf(page, span.fromMs + Math.random() * (span.toMs - span.fromMs));
  const took: number[] = [];
  let [missing, cached] = [0, 0];
  while (took.length + missing < steps) {
    await page.evaluate(() => performance.clearMarks());
    const start = await anywhere();
    await page.mouse.move(start.x, start.y);
    await page.mouse.down();
    for (let step = 0; step < stepsPerDrag; step++) {
      const { x, y } = await anywhere();
      await page.mouse.move(x, y);
      await sleep(stepPauseMs);
    }
    const [asked, painted] = await page.evaluate(() =>
      ['scrub-step', 'scrub-picture'].map((name) =>
        performance.getEntriesByName(`porchlight:${name}`).map(({ startTime }) => startTime),
      ),
    );
    for (const [index, atMs] of asked!.entries()) {
      const shownMs = painted!.find((ms) => ms >= atMs && ms < (asked![index + 1] ?? Infinity));
      if (shownMs === undefined) missing++;
      else if (shownMs - atMs < 2) cached++;
      else took.push(shownMs - atMs);
    }
    await page.mouse.up();
    await sleep(700);
    await goLive(page);
    await sleep(500);
  }
  return { took, missing, cached };
}

/** Plays over the oldest file boundaries there are. */
async function measureBoundaries(page: Page, house: House): Promise<Played & { crossed: number }> {
  const { fromMs } = await recorded(house);
  const firstMs = Math.ceil((fromMs + 5000) / 60_000) * 60_000;
  const ms = (boundaries - 1) * 60_000 + 10_000;
  await until(async () => (await recorded(house)).toMs > firstMs + ms || undefined, 'enough footage', 300_000);
  const place = await placeOf(page, firstMs - 3000);
  await page.mouse.click(place.x, place.y);
  await sleep(1000);
  const played = await page.evaluate<Played>(`(${watchPlayingSource})({ ms: ${ms} })`);
  const begins = globSync(join(house.folder, 'archive/numbered/main/*/*.mp4')).map((path) => {
    const [day, name] = path.split('/').slice(-2) as [string, string];
    return Date.parse(`${day}T${name.replace('.mp4', '').replace('-', ':').replace('-', ':')}`);
  });
  const crossed = begins.filter((atMs) => atMs > firstMs - 2000 && atMs < firstMs - 2000 + ms).length;
  return { ...played, crossed };
}

await run(
  async (onEnd) => {
    const camera = await openNumberedCamera();
    onEnd(() => camera.close());
    const house = await startHouse(['--camera', `numbered=${camera.url}`]);
    onEnd(() => house.stop());
    await until(async () => (await recorded(house)).toMs - camera.zeroMs > -60_000 || undefined, 'footage', 60_000);
    console.error(`recording for ${minutes} minutes`);
    await sleep(minutes * 60_000);
    const steal = watchSteal();
    const browser = await openBrowser();
    onEnd(() => browser.close());
    const context = await signedIn(browser, house);
    const page = await context.newPage();
    await (await context.newCDPSession(page)).send('Network.setCacheDisabled', { cacheDisabled: true });
    await page.goto('/cameras/numbered');
    await page.waitForFunction(() => [...document.querySelectorAll('video')].some((video) => video.videoWidth > 0));
    await sleep(3000);
    const clicked: Awaited<ReturnType<typeof measureClicks>>[] = [];
    const scrubbed: Awaited<ReturnType<typeof measureScrubbing>>[] = [];
    for (let index = 0; index < runs; index++) {
      clicked.push(await measureClicks(page, house, camera));
      scrubbed.push(await measureScrubbing(page, house));
      const [click, scrub] = [
        median(clicked[index]!.map(({ playsMs }) => playsMs)),
        percentile(scrubbed[index]!.took, 0.95),
      ];
      console.error(`run ${index + 1}: click ${round(click)} ms median, scrub step ${round(scrub)} ms p95`);
    }
    const played = boundaries > 0 ? await measureBoundaries(page, house) : undefined;
    const all = clicked.flat();
    const of = (from: 'live' | 'playing') =>
      round(median(all.filter((one) => one.from === from).map(({ playsMs }) => playsMs)));
    const medians = clicked.map((one) => median(one.map(({ playsMs }) => playsMs)));
    const p95s = scrubbed.map(({ took }) => percentile(took, 0.95));
    const missing = scrubbed.reduce((sum, one) => sum + one.missing, 0);
    const line = {
      ...{ runs, minutes },
      clickMs: {
        ...{ clicks: all.length, ...overRuns(medians), bar: 300 },
        slowest: round(Math.max(...all.map(({ playsMs }) => playsMs))),
        ...{ fromLive: of('live'), whilePlaying: of('playing') },
        stillMedian: round(median(all.map(({ stillMs }) => stillMs ?? Number.POSITIVE_INFINITY))),
        movesMedian: round(median(all.map(({ movesMs }) => movesMs))),
        offWorst: round(Math.max(...all.map(({ offMs }) => Math.abs(offMs)))),
      },
      scrubMs: {
        steps: scrubbed.reduce((sum, { took }) => sum + took.length, 0),
        ...{ missing, alreadyThere: scrubbed.reduce((sum, { cached }) => sum + cached, 0) },
        p50: round(median(scrubbed.map(({ took }) => median(took)))),
        p95: { ...overRuns(p95s), bar: 50 },
        slowest: round(Math.max(...scrubbed.flatMap(({ took }) => took))),
      },
      boundaries: played && {
        ...played,
        ...{
          holeMs: round(played.holeMs),
          bufferHoleMs: round(played.bufferHoleMs),
          pauseMs: round(played.pauseMs),
          barMs: 50,
        },
      },
      stealPercent: round(steal()),
    };
    const missed = [
      ...(median(medians) > 300 ? ['click'] : []),
      ...(median(p95s) > 50 ? ['scrubbing'] : []),
      ...(missing > 0 ? ['scrub steps without a picture'] : []),
      ...(played && played.crossed < boundaries ? ['too few boundaries'] : []),
      ...(played && Math.max(played.holeMs, played.bufferHoleMs) > 50 ? ['hole at a boundary'] : []),
      ...(played && played.waits + played.stalls > 0 ? ['stalled at a boundary'] : []),
    ];
    return { line, missed };
  },
  { json: values['json'], limitMs: (minutes + boundaries + 4) * 60_000 + runs * 180_000 },
);
