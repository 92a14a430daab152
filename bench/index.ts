/**
 * The index of 100 cameras and 30 days, a file a minute: 4.3 million rows. How long the agent takes to open it and to record with it, and
 * to answer what is recorded. Rows are made in the database; fragment tables, which none of these questions reads, are left out.
 * node bench/index.ts [--cameras 100] [--days 30] [--rounds 100] [--json FILE]
 */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { openArchive, type Archive } from '@porchlight/agent/archive';
import { findMonth } from '@porchlight/agent/coverage';
import { IndexStore } from '@porchlight/agent/index-store';
import { openFakeVolume, type VolumeSet } from '@porchlight/agent/volume';
import { openFakeClock } from '@porchlight/base/clock';
import { openFakeLog } from '@porchlight/base/log';
import { cameraIdSchema, type CameraId } from '@porchlight/contract/ids';
import { agentMetrics, camerasOf, startAgent } from './agent.ts';
import { until } from './house.ts';
import { referenceLoad, watchSteal } from './measure.ts';
import { run } from './page.ts';
import { openFolder, startCameras } from './program.ts';
import { printTable } from './report.ts';

const { values } = parseArgs({
  options: {
    cameras: { type: 'string' },
    days: { type: 'string' },
    rounds: { type: 'string' },
    json: { type: 'string' },
  },
});
const cameraCount = Number(values.cameras ?? 100);
const days = Number(values.days ?? 30);
const rounds = Number(values.rounds ?? 100);
/** For one camera's month and for a day of all cameras, p95. */
const barMs = 10;
const minuteMs = 60_000;
const dayMs = 86_400_000;
const endMs = Date.UTC(2026, 6, 1);
const fromMs = endMs - days * dayMs;
/** A run lasts three hours and ends with ten seconds of network trouble. */
const runMinutes = 180;
const lostMs = 10_000;
const cameras = Array.from({ length: cameraCount }, (_, index) =>
  cameraIdSchema.parse(`cam-${String(index).padStart(4, '0')}`),
);

const insertSegments = `
  with recursive minute (n) as (select 0 union all select n + 1 from minute where n + 1 < ?2)
  insert into segment (camera, stream, path, run, start_ms, end_ms, start_ticks, duration_ticks, clock_rate_hz, size_bytes,
    frames, codec, init_hash, sha256, open)
  select ?1, 'main', ?1 || '/main/' || strftime('%Y-%m-%d/%H-%M-%S', ?3 / 1000 + n * 60, 'unixepoch') || '.000Z.mp4',
    'run-' || (n / ${runMinutes}), ?3 + n * ${minuteMs},
    ?3 + (n + 1) * ${minuteMs} - (case when n % ${runMinutes} = ${runMinutes - 1} then ${lostMs} else 0 end),
    (n % ${runMinutes}) * 5400000, 5400000, 90000, 15000000, 1500, 'avc1.64001f', 'init',
    '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 0 from minute`;
const insertRuns = `
  with recursive run (n) as (select 0 union all select n + 1 from run where n + 1 < ?2)
  insert into span (camera, stream, start_ms, end_ms, run)
  select ?1, 'main', ?3 + n * ${runMinutes * minuteMs}, ?3 + (n + 1) * ${runMinutes * minuteMs} - ${lostMs}, 'run-' || n from run`;
const insertGaps = `
  insert into gap (camera, stream, from_ms, reason) select camera, stream, end_ms, 'network' from span where camera = ?1`;

/** Rows first, what the schema derives from them after: as quick as it can be made. */
function makeIndex(path: string): void {
  new IndexStore(path).close();
  using db = new DatabaseSync(path);
  const derived = db
    .prepare(
      `select type, name from sqlite_master where tbl_name = 'segment' and type in ('index', 'trigger') and sql is not null`,
    )
    .all();
  db.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -200000');
  for (const { type, name } of derived) db.exec(`drop ${String(type)} ${String(name)}`);
  db.exec(`begin; delete from fact; insert into init (hash, bytes) values ('init', x'00')`);
  const minutes = (days * dayMs) / minuteMs;
  for (const camera of cameras) {
    db.prepare('insert into camera (id, added_ms) values (?, ?)').run(camera, fromMs);
    db.prepare(insertSegments).run(camera, minutes, fromMs);
    db.prepare(insertRuns).run(camera, minutes / runMinutes, fromMs);
    db.prepare(insertGaps).run(camera);
  }
  db.exec('commit; pragma journal_mode = wal');
  new IndexStore(path).close();
}

/** Footage that nobody looks for: only the index is measured. */
function toAbsentVolume(): VolumeSet {
  const places = [{ id: 'main', volume: openFakeVolume(), state: 'missing', sinceMs: 0 }] as const;
  return { list: () => places };
}

function openIndex(folder: string): Promise<Archive> {
  const clock = openFakeClock(endMs);
  return openArchive({ folder, volume: toAbsentVolume(), clock, log: openFakeLog(), bootId: 'bench' });
}

type Figures = { readonly medianMs: number; readonly p95Ms: number; readonly worstMs: number };

function measure(act: (round: number) => void): Figures {
  const times = Array.from({ length: rounds }, (_, round) => {
    const before = performance.now();
    act(round);
    return performance.now() - before;
  }).sort((one, other) => one - other);
  const at = (share: number): number => Math.round(times[Math.ceil(times.length * share) - 1]! * 100) / 100;
  return { medianMs: at(0.5), p95Ms: at(0.95), worstMs: at(1) };
}

const expect = (found: number, expected: number, what: string): void => {
  if (found !== expected) throw new Error(`Expected ${expected} ${what}, found ${found}`);
};
const pick = (round: number): CameraId => cameras[(round * 37) % cameras.length]!;
const seconds = async (act: () => Promise<void> | void): Promise<number> => {
  const before = performance.now();
  await act();
  return Math.round(performance.now() - before) / 1000;
};

/** The agent's own program on this index and an empty disk: from its start until it answers, and until a camera is recorded. */
async function startOnIndex(folder: string, onEnd: (close: () => unknown) => void): Promise<object> {
  const load = await startCameras(referenceLoad(), 1);
  onEnd(() => load.stop());
  const camerasFile = join(folder, 'cameras.json');
  writeFileSync(camerasFile, JSON.stringify(camerasOf(load.base, 1)));
  const startMs = performance.now();
  const took = (): number => Math.round(performance.now() - startMs) / 1000;
  const agent = await startAgent({ folder, camerasFile, level: 'error' });
  onEnd(() => agent.stop());
  const answersSeconds = took();
  const recorded = async (): Promise<true | undefined> =>
    (await agentMetrics(agent.socketPath)).sum('porchlight_fragments_total') > 0 || undefined;
  await until(recorded, 'the first fragment', 60_000);
  const recordsSeconds = took();
  await agent.stop();
  return { answersSeconds, recordsSeconds };
}

await run(
  async (onEnd) => {
    const folder = openFolder('index');
    const path = join(folder, 'agent/index.sqlite');
    mkdirSync(join(folder, 'agent'), { recursive: true });
    const steal = watchSteal();
    const makeSeconds = await seconds(() => makeIndex(path));
    let archive!: Archive;
    const openSeconds = await seconds(async () => void (archive = await openIndex(join(folder, 'agent'))));
    await archive.reconciled;
    const runsPerDay = (24 * 60) / runMinutes;
    const monthOfOne = measure((round) => {
      expect(archive.findSpans(pick(round), fromMs, endMs).spans.length, days * runsPerDay, 'runs');
    });
    const dayOfAll = measure(() => {
      for (const camera of cameras)
        expect(archive.findSpans(camera, endMs - dayMs, endMs).gaps.length, runsPerDay, 'gaps');
    });
    const coverageOfMonth = measure((round) => {
      const findSpans = (from: number, to: number) => archive.findSpans(pick(round), from, to);
      findMonth({ month: '2026-06', timeZone: 'Europe/Berlin', nowMs: endMs, findSpans });
    });
    const hourOfSegments = measure((round) => {
      const atMs = fromMs + ((round * 7919) % (days * 24)) * 3_600_000;
      expect(
        archive.listSegments(pick(round), 'main', { fromMs: atMs, toMs: atMs + 3_600_000 }).length,
        60,
        'segments',
      );
    });
    await archive.close();
    const rows = cameraCount * days * 1440;
    const bytes = statSync(path).size;
    const queries = { monthOfOne, dayOfAll, coverageOfMonth, hourOfSegments };
    const agent = await startOnIndex(folder, onEnd);
    console.log(
      `${rows} rows, ${Math.round(bytes / 1e6)} MB, opened in ${openSeconds} s; the agent: ${JSON.stringify(agent)}`,
    );
    printTable(
      ['question', 'median ms', 'p95 ms', 'worst ms'],
      Object.entries(queries).map(([name, { medianMs, p95Ms, worstMs }]) => [name, medianMs, p95Ms, worstMs]),
    );
    const line = { rows, bytes, makeSeconds, openSeconds, agent, ...queries, stealPercent: steal() };
    const slow = [monthOfOne, dayOfAll].some(({ p95Ms }) => p95Ms > barMs);
    return { line, missed: slow ? ['index queries'] : [] };
  },
  { json: values.json },
);
