/**
 * A disk that is full again and again under load: house, index and footage on one small disk, which footage fills and another program's file
 * eats up and gives back at random. Nothing may crash, recording has to go on by itself, the ledger has to say why, files have to play, memory
 * and handles have to stay. Linux, root: the disk is a tmpfs in a mount namespace of its own.
 * node bench/full-disk.ts [--minutes 60] [--cameras 10] [--mib 400] [--seed N]
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openRandom } from '../simulator/src/faults/index.ts';
import { checkFootage } from './footage-check.ts';
import { startHouse, until, type House } from './house.ts';
import { median, processTree, pssMiB, referenceLoad, sleep, startSimulator, watchSteal } from './measure.ts';
import { run } from './page.ts';
import { openFolder } from './program.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    cameras: { type: 'string', default: '10' },
    mib: { type: 'string', default: '400' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});
const [minutes, cameras, mib, seed] = [values.minutes, values.cameras, values.mib, values.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);

/** How long the other program lets go of the disk, and how long it holds all of it. */
const [calmMs, biteMs] = [
  { least: 10_000, most: 40_000 },
  { least: 3_000, most: 20_000 },
];
/** Every camera records again so long after there is room. */
const recoveryMs = 15_000;
/** In a run of so many minutes memory is held against itself. */
const longMinutes = 20;
const growth = 1.1;
const settleMs = 30_000;

if (process.env['FULL_DISK_INSIDE'] === undefined) {
  // Mounts are seen by nobody else, and gone with this process whatever ends it.
  const args = ['--mount', '--propagation', 'private', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', args, { stdio: 'inherit', env: { ...process.env, FULL_DISK_INSIDE: '1' } });
  process.exit(status ?? 1);
}

type Span = { stream: string; fromMs: number; toMs: number; open: boolean };
type Gap = { fromMs: number; toMs: number; reason: string };

async function recordingsOf(house: House, camera: string, fromMs: number): Promise<{ spans: Span[]; gaps: Gap[] }> {
  const answer = await house.api(
    `/api/cameras/${camera}/recordings?from=${Math.round(fromMs)}&to=${Date.now() + 1000}`,
  );
  return (await answer.json()) as { spans: Span[]; gaps: Gap[] };
}

/** The other program: takes all there is and takes again whatever becomes free, up to `most` bytes. */
async function bite(folder: string, { holdMs, mostBytes }: { holdMs: number; mostBytes: number }): Promise<void> {
  const path = join(folder, 'somebody-else');
  const file = openSync(path, 'w');
  const block = Buffer.alloc(1 << 18);
  const endMs = performance.now() + holdMs;
  let sizeBytes = 0;
  try {
    while (performance.now() < endMs) {
      try {
        while (sizeBytes < mostBytes) sizeBytes += writeSync(file, block);
      } catch {
        // full: for now
      }
      await sleep(50);
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

type Bite = {
  readonly holes: number;
  /** Holes with any other reason than the disk. */
  readonly unexplained: readonly string[];
  readonly recoveredMs: number;
  /** Cameras that did not come back in time. */
  readonly late: readonly string[];
};

/** One time without room, and what came of it. */
async function biteOnce(house: House, folder: string, random: () => number): Promise<Bite> {
  const fromMs = Date.now();
  const holdMs = biteMs.least + random() * (biteMs.most - biteMs.least);
  // All that is free, and then a part of what is freed.
  const mostBytes = (freeMiB(folder) + mib * (0.1 + random() * 0.4)) * 2 ** 20;
  await bite(folder, { holdMs, mostBytes });
  const roomMs = Date.now();
  const late: string[] = [];
  for (const name of names) {
    const recording = async (): Promise<true | undefined> => {
      const { spans } = await recordingsOf(house, name, roomMs - 1000);
      return spans.some((span) => span.open && span.toMs > roomMs) || undefined;
    };
    await until(recording, name, Math.max(1000, recoveryMs - (Date.now() - roomMs))).catch(() => late.push(name));
  }
  const recoveredMs = Date.now() - roomMs;
  let holes = 0;
  const unexplained: string[] = [];
  for (const name of names) {
    const { spans, gaps } = await recordingsOf(house, name, fromMs - 2000);
    const beganMs = Math.min(...spans.map((span) => span.fromMs));
    for (const gap of gaps) {
      // What was there and has been deleted since is no hole of this time.
      if (gap.reason === 'retention' || gap.toMs <= beganMs) continue;
      holes++;
      if (gap.reason !== 'disk-full') unexplained.push(`${name}: ${gap.reason} for ${gap.toMs - gap.fromMs} ms`);
    }
  }
  return { holes, unexplained, recoveredMs, late };
}

type Sample = { readonly minute: number; readonly pssMiB: number; readonly handles: number };

function countHandles(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${pid}/fd`).length, 0);
}

function sampleAgent(house: House, startMs: number): Sample {
  const pids = processTree(house.pidOf('agent'));
  const minute = Math.round((performance.now() - startMs) / 6_000) / 10;
  return { minute, pssMiB: Math.round(pssMiB(pids)), handles: countHandles(pids) };
}

function toMemory(samples: readonly Sample[]): { earlyPssMiB: number; latePssMiB: number; ratio: number } {
  const [early, late] = [0.25, 0.75].map((share) =>
    median(
      samples
        .filter((_, at) => at >= samples.length * share && at <= samples.length * (share + 0.25))
        .map((one) => one.pssMiB),
    ),
  ) as [number, number];
  return { earlyPssMiB: early, latePssMiB: late, ratio: Math.round((late / early) * 1000) / 1000 };
}

/** Footage may take nine tenths of the disk, which is the most that can be chosen. */
async function fillAll(house: House): Promise<void> {
  const config = { volumes: [{ id: 'main', bytes: Math.floor(mib * 2 ** 20 * 0.89) }], budget: {} };
  const answer = await house.api('/api/storage', {
    method: 'PATCH',
    headers: { 'content-type': 'application/json', prefer: 'wait=10' },
    body: JSON.stringify({ config }),
  });
  if (!answer.ok) throw new Error(`Storage could not be set: ${answer.status} ${await answer.text()}`);
}

const freeMiB = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder);
  return Math.round((bavail * bsize) / 2 ** 20);
};

/** Times without room and with, until the time is over. */
async function trouble(house: House, folder: string): Promise<{ bites: Bite[]; samples: Sample[] }> {
  const random = openRandom(seed);
  const [startMs, bites, samples]: [number, Bite[], Sample[]] = [performance.now(), [], []];
  while (performance.now() - startMs < minutes * 60_000) {
    await sleep(calmMs.least + random() * (calmMs.most - calmMs.least));
    samples.push(sampleAgent(house, startMs));
    const free = freeMiB(folder);
    const found = await biteOnce(house, folder, random);
    bites.push(found);
    const { holes, recoveredMs, late, unexplained } = found;
    console.error(JSON.stringify({ ...samples.at(-1), freeMiB: free, holes, recoveredMs, late, unexplained }));
  }
  return { bites, samples };
}

await run(
  async (onEnd) => {
    const steal = watchSteal();
    const folder = openFolder('full-disk');
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m`, 'tmpfs', folder], { stdio: 'inherit' });
    if (mounted.status !== 0) throw new Error('A tmpfs could not be mounted: this needs root');
    onEnd(() => spawnSync('umount', ['-l', folder]));
    const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(cameras)]);
    onEnd(() => simulator.stop());
    const sources = names.flatMap((name) => ['--camera', `${name}=${simulator.base}/${name}`]);
    const house = await startHouse([...sources, '--log-level', 'error'], folder);
    onEnd(() => house.stop({ keep: true }));
    await until(() => fillAll(house).then(() => true), 'the storage to be set');
    for (const name of names)
      await until(async () => (await recordingsOf(house, name, Date.now() - 5000)).spans.at(-1)?.open, name);
    const pids = { hub: house.pidOf('hub'), agent: house.pidOf('agent') };
    await sleep(settleMs / 3);
    const before = sampleAgent(house, performance.now());
    const { bites, samples } = await trouble(house, folder);
    await sleep(settleMs);
    const after = sampleAgent(house, performance.now());
    const crashed = (['hub', 'agent'] as const).filter((part) => house.pidOf(part) !== pids[part]);
    await house.stop({ keep: true });
    const footage = await checkFootage({ archive: join(folder, 'archive'), data: join(folder, 'agent') });
    for (const words of [...footage.unreadable, ...footage.wrongRows]) console.error(words);
    const sum = (pick: (one: Bite) => number): number => bites.reduce((total, one) => total + pick(one), 0);
    const memory = toMemory(samples);
    const line = {
      ...{ minutes, cameras, mib, seed, timesWithoutRoom: bites.length },
      ...{ holes: sum(({ holes }) => holes), withoutReason: sum(({ unexplained }) => unexplained.length) },
      worstRecoveryMs: Math.max(...bites.map(({ recoveredMs }) => recoveredMs)),
      late: sum(({ late }) => late.length),
      ...{ crashed, files: footage.files, unreadable: footage.unreadable.length, wrongRows: footage.wrongRows.length },
      memory: { ...memory, bar: minutes >= longMinutes ? growth : undefined },
      handles: { before: before.handles, after: after.handles },
      stealPercent: Math.round(10 * steal()) / 10,
    };
    const missed = [
      ...(crashed.length > 0 ? [`crashed: ${crashed.join(', ')}`] : []),
      ...(line.late > 0 ? ['recording did not go on in time'] : []),
      ...(line.withoutReason > 0 ? ['holes without their reason'] : []),
      ...(line.holes === 0 ? ['the disk was never full'] : []),
      ...(footage.unreadable.length > 0 ? ['files do not play'] : []),
      ...(footage.wrongRows.length > 0 ? ['index'] : []),
      ...(minutes >= longMinutes && memory.ratio > growth ? ['memory'] : []),
      ...(after.handles > before.handles + cameras ? ['handles'] : []),
    ];
    return { line, missed };
  },
  { limitMs: (minutes + 10) * 60_000 },
);
