/**
 * kill -9 of the agent at random moments while it records, in several houses side by side: what is lost, whether every file plays to its end,
 * whether the index says of each file what is in it, and how soon cameras are recorded again. 200 kills take about 10 minutes
 * on two cores with nothing else to do.
 * node bench/kill.ts [--kills 10] [--houses 3] [--cameras 4 in each house]
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFootage, type FootageCheck } from './footage-check.ts';
import { startHouse, until, type House } from './house.ts';
import { median, referenceLoad, sleep, startSimulator, watchSteal } from './measure.ts';
import { run } from './page.ts';

const { values } = parseArgs({
  options: { kills: { type: 'string' }, houses: { type: 'string' }, cameras: { type: 'string' } },
});
const kills = Number(values.kills ?? 10);
const houseCount = Math.min(kills, Number(values.houses ?? 3));
const cameras = Number(values.cameras ?? 4);
const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);
const barMs = 1000;
/** A kill comes so long after every camera is recorded: early in a file, in the middle, at its end. */
const [soonestMs, latestMs] = [500, 6_000];

type Span = { stream: string; fromMs: number; toMs: number; open: boolean };
type Recordings = { spans: Span[]; gaps: { fromMs: number; toMs: number; reason: string }[] };

async function recordingsOf(house: House, camera: string): Promise<Recordings> {
  const now = Date.now();
  const answer = await house.api(`/api/cameras/${camera}/recordings?from=${now - 120_000}&to=${now + 60_000}`);
  const { spans, gaps } = (await answer.json()) as Recordings;
  return {
    spans: spans.filter(({ stream }) => stream === 'main').toSorted((a, b) => a.fromMs - b.fromMs),
    gaps,
  };
}

type Loss = { readonly camera: string; readonly lostMs: number; readonly backMs: number; readonly explained: boolean };

/** One kill at a moment that nobody chose; resolves when every camera is recorded again. */
async function killOnce(house: House): Promise<Loss[]> {
  for (const name of names)
    await until(async () => (await recordingsOf(house, name)).spans.at(-1)?.open || undefined, `${name} recording`);
  await sleep(soonestMs + Math.random() * (latestMs - soonestMs));
  const agent = house.pidOf('agent');
  const killedMs = Date.now();
  process.kill(agent, 'SIGKILL');
  return Promise.all(names.map((name) => findLoss(house, name, killedMs)));
}

async function findLoss(house: House, camera: string, killedMs: number): Promise<Loss> {
  const { spans, gaps } = await until(async () => {
    const now = await recordingsOf(house, camera);
    return now.spans.some((span) => span.fromMs > killedMs) ? now : undefined;
  }, `${camera} after the kill`);
  const before = spans.filter((span) => span.fromMs < killedMs).at(-1);
  if (before === undefined) throw new Error(`${camera} has lost all that was recorded before the kill`);
  const after = spans.find((span) => span.fromMs > killedMs)!;
  const explained = gaps.some(({ fromMs, toMs }) => fromMs < after.fromMs && toMs > before.toMs);
  return { camera, lostMs: Math.max(0, killedMs - before.toMs), backMs: after.fromMs - killedMs, explained };
}

let left = kills;
let done = 0;

/** Kills one house again and again until all kills are done; then looks at its files. */
async function killAgain(house: House, index: number): Promise<{ losses: Loss[]; footage: FootageCheck }> {
  const losses: Loss[] = [];
  while (left-- > 0) {
    const found = await killOnce(house);
    losses.push(...found.map((loss) => ({ ...loss, camera: `house${index + 1}/${loss.camera}` })));
    const list = (pick: (loss: Loss) => number): string => found.map(pick).join(' ');
    console.error(
      `kill ${++done}: lost ${list(({ lostMs }) => lostMs)} ms, again after ${list(({ backMs }) => backMs)} ms`,
    );
  }
  await sleep(3_000);
  await house.stop({ keep: true });
  return { losses, footage: await check(house.folder) };
}

/** An agent that was still closing files when it had to end leaves rows open, as a kill does: the next start has to close them. */
async function check(folder: string): Promise<FootageCheck> {
  const [archive, data] = [join(folder, 'archive'), join(folder, 'agent')];
  const first = await checkFootage({ archive, data });
  if (!first.wrongRows.some((words) => words.endsWith(': open'))) return first;
  const again = await startHouse(['--log-level', 'error'], folder);
  for (const name of names)
    await until(async () => (await recordingsOf(again, name)).spans.at(-1)?.open || undefined, `${name} at the end`);
  await sleep(25_000);
  await again.stop({ keep: true });
  return checkFootage({ archive, data });
}

await run(async (onEnd) => {
  const [steal, startMs] = [watchSteal(), performance.now()];
  const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(cameras)]);
  onEnd(() => simulator.stop());
  const sources = names.flatMap((name) => ['--camera', `${name}=${simulator.base}/${name}`]);
  const houses: House[] = [];
  for (let index = 0; index < houseCount; index++) {
    const house = await startHouse([...sources, '--log-level', 'error']);
    houses.push(house);
    onEnd(() => rmSync(house.folder, { recursive: true, force: true }));
    onEnd(() => house.stop({ keep: true }));
  }
  const all = await Promise.all(houses.map(killAgain));
  const losses = all.flatMap(({ losses: of }) => of);
  const unreadable = all.flatMap(({ footage }) => footage.unreadable);
  const wrongRows = all.flatMap(({ footage }) => footage.wrongRows);
  for (const words of [...unreadable.map((path) => `${path}: does not play`), ...wrongRows]) console.error(words);
  const lostMs = losses.map((loss) => loss.lostMs);
  const backMs = losses.map((loss) => loss.backMs);
  const worst = losses.reduce((most, loss) => (loss.lostMs > most.lostMs ? loss : most));
  const unexplained = losses.filter(({ explained }) => !explained).length;
  const line = {
    ...{ kills: done, houses: houseCount, camerasInEach: cameras },
    lostMs: { median: median(lostMs), worst: worst.lostMs, of: worst.camera, bar: barMs },
    recordingAgainMs: { median: median(backMs), worst: Math.max(...backMs) },
    files: all.reduce((sum, { footage }) => sum + footage.files, 0),
    ...{ unreadable: unreadable.length, wrongRows: wrongRows.length, gapsWithoutReason: unexplained },
    minutes: Math.round((performance.now() - startMs) / 6_000) / 10,
    stealPercent: Math.round(10 * steal()) / 10,
  };
  const missed = [
    ...(worst.lostMs > barMs ? ['loss'] : []),
    ...(unreadable.length > 0 ? ['files do not play'] : []),
    ...(wrongRows.length > 0 ? ['index'] : []),
    ...(unexplained > 0 ? ['gaps without reason'] : []),
  ];
  return { line, missed };
});
