/**
 * kill -9 of the agent at random moments while it records: what is lost, whether every file plays to its end, whether the index says of each
 * file what is in it, and how soon cameras are recorded again. About 12 s per kill. node bench/kill.ts [--kills 10] [--cameras 4]
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { startHouse, until, type House } from './house.ts';
import { median, referenceLoad, sleep, startSimulator, watchSteal } from './measure.ts';
import { run } from './page.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, cameras: { type: 'string' } } });
const kills = Number(values.kills ?? 10);
const cameras = Number(values.cameras ?? 4);
const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);
const barMs = 1000;

type Span = { stream: string; fromMs: number; toMs: number; open: boolean };
type Recordings = { spans: Span[]; gaps: { fromMs: number; toMs: number; reason: string }[] };

async function recordingsOf(house: House, camera: string): Promise<Recordings> {
  const now = Date.now();
  const answer = await house.api(`/api/cameras/${camera}/recordings?from=${now - 3_600_000}&to=${now + 60_000}`);
  const { spans, gaps } = (await answer.json()) as Recordings;
  return {
    spans: spans.filter(({ stream }) => stream === 'main').toSorted((a, b) => a.fromMs - b.fromMs),
    gaps,
  };
}

type Kill = { readonly lostMs: number[]; readonly backMs: number[]; readonly unexplained: number };

/** One kill at a moment that nobody chose; resolves when every camera is recorded again. */
async function killOnce(house: House): Promise<Kill> {
  for (const name of names)
    await until(async () => (await recordingsOf(house, name)).spans.at(-1)?.open || undefined, `${name} recording`);
  await sleep(3_000 + Math.random() * 5_000);
  const agent = house.pidOf('agent');
  const killedMs = Date.now();
  process.kill(agent, 'SIGKILL');
  const [lostMs, backMs]: [number[], number[]] = [[], []];
  let unexplained = 0;
  for (const name of names) {
    const { spans, gaps } = await until(async () => {
      const now = await recordingsOf(house, name);
      return now.spans.some((span) => span.fromMs > killedMs) ? now : undefined;
    }, `${name} after the kill`);
    const before = spans.filter((span) => span.fromMs < killedMs).at(-1);
    if (before === undefined) throw new Error(`${name} has lost all that was recorded before the kill`);
    const after = spans.find((span) => span.fromMs > killedMs)!;
    lostMs.push(Math.max(0, killedMs - before.toMs));
    backMs.push(after.fromMs - killedMs);
    if (!gaps.some(({ fromMs, toMs }) => fromMs < after.fromMs && toMs > before.toMs)) unexplained++;
  }
  return { lostMs, backMs, unexplained };
}

type Row = {
  path: string;
  size_bytes: number;
  sha256: string | null;
  open: number;
  duration_ticks: number;
  rate: number;
};

/** Pictures and seconds of a file as ffprobe reads it; undefined when it says anything of an error. */
function probe(file: string): number | undefined {
  const command =
    'ffprobe -v error -count_packets -select_streams v -show_entries stream=nb_read_packets:format=duration -of json "$1" 2>&1';
  const words = execFileSync('sh', ['-c', command, 'sh', file], { encoding: 'utf8' });
  try {
    const { streams, format } = JSON.parse(words) as {
      streams: { nb_read_packets: string }[];
      format: { duration: string };
    };
    return Number(streams[0]?.nb_read_packets) > 0 ? Number(format.duration) : undefined;
  } catch {
    return undefined;
  }
}

/** Files against rows, both ways, after the house has closed. */
function checkFiles(folder: string): { files: number; unreadable: number; wrongRows: string[] } {
  const archive = join(folder, 'archive');
  const files = globSync(join(archive, '**/*.mp4'));
  const index = new DatabaseSync(join(folder, 'agent/index.sqlite'), { readOnly: true });
  const rows = new Map(
    (
      index
        .prepare('select path, size_bytes, sha256, open, duration_ticks, clock_rate_hz as rate from segment')
        .all() as Row[]
    ).map((row) => [row.path, row]),
  );
  index.close();
  const wrongRows: string[] = [];
  let unreadable = 0;
  for (const file of files) {
    const path = relative(archive, file);
    const row = rows.get(path);
    rows.delete(path);
    const seconds = probe(file);
    if (seconds === undefined) unreadable++;
    const bytes = readFileSync(file);
    if (!row) wrongRows.push(`${path}: no row`);
    else if (row.open !== 0) wrongRows.push(`${path}: open`);
    else if (row.size_bytes !== bytes.length) wrongRows.push(`${path}: ${row.size_bytes} of ${bytes.length} bytes`);
    else if (row.sha256 !== null && row.sha256 !== createHash('sha256').update(bytes).digest('hex'))
      wrongRows.push(`${path}: hash`);
    else if (seconds !== undefined && Math.abs(row.duration_ticks / row.rate - seconds) > 0.1)
      wrongRows.push(`${path}: ${row.duration_ticks / row.rate} s instead of ${seconds} s`);
  }
  wrongRows.push(...[...rows.keys()].map((path) => `${path}: no file`));
  return { files: files.length, unreadable, wrongRows };
}

await run(async (onEnd) => {
  const steal = watchSteal();
  const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(cameras)]);
  onEnd(() => simulator.stop());
  const sources = names.flatMap((name) => ['--camera', `${name}=${simulator.base}/${name}`]);
  const house = await startHouse([...sources, '--log-level', 'error']);
  onEnd(() => rmSync(house.folder, { recursive: true, force: true }));
  onEnd(() => house.stop({ keep: true }));
  const all: Kill[] = [];
  for (let kill = 0; kill < kills; kill++) {
    all.push(await killOnce(house));
    const { lostMs, backMs } = all.at(-1)!;
    console.error(`kill ${kill + 1}: lost ${lostMs.join(' ')} ms, recording again after ${backMs.join(' ')} ms`);
  }
  await sleep(3_000);
  await house.stop({ keep: true });
  const { files, unreadable, wrongRows } = checkFiles(house.folder);
  for (const words of wrongRows) console.error(words);
  const lostMs = all.flatMap((kill) => kill.lostMs);
  const backMs = all.flatMap((kill) => kill.backMs);
  const unexplained = all.reduce((sum, kill) => sum + kill.unexplained, 0);
  const line = {
    ...{ kills, cameras },
    lostMs: { median: median(lostMs), worst: Math.max(...lostMs), bar: barMs },
    recordingAgainMs: { median: median(backMs), worst: Math.max(...backMs) },
    ...{ files, unreadable, wrongRows: wrongRows.length, gapsWithoutReason: unexplained },
    stealPercent: Math.round(10 * steal()) / 10,
  };
  const missed = [
    ...(Math.max(...lostMs) > barMs ? ['loss'] : []),
    ...(unreadable > 0 ? ['files do not play'] : []),
    ...(wrongRows.length > 0 ? ['index'] : []),
    ...(unexplained > 0 ? ['gaps without reason'] : []),
  ];
  return { line, missed };
});
