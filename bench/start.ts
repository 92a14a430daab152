/** Start to ready with no cameras; a hub restart beside a recording agent. node bench/start.ts [--runs 5] [--json FILE] */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHouse, until } from './house.ts';
import { watchSteal } from './measure.ts';
import { overRuns } from './page.ts';
import { root } from './program.ts';
import { writeResult } from './report.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' }, json: { type: 'string' } } });
/** Start to ready, median. */
const barMs = 2000;
const steal = watchSteal();
// A page that is built on the way would be measured as start.
execFileSync(process.execPath, [join(root, 'tools/build-web.ts'), '--if-stale'], { stdio: 'ignore' });
const firstMs: number[] = [];
const againMs: number[] = [];
for (let run = 0; run < Number(values.runs ?? 5); run++) {
  const first = await startHouse(['--no-demo']);
  firstMs.push(first.readyMs);
  await first.stop({ keep: true });
  const again = await startHouse(['--no-demo'], first.folder);
  againMs.push(again.readyMs);
  await again.stop();
}

const house = await startHouse([]);
type Spans = { spans: { stream: string; fromMs: number; toMs: number; open: boolean }[] };
const spans = async (): Promise<Spans['spans']> => {
  const now = Date.now();
  const answer = await house.api(`/api/cameras/demo-street/recordings?from=${now - 600_000}&to=${now + 60_000}`);
  return ((await answer.json()) as Spans).spans.filter((span) => span.stream === 'main');
};
const before = await until(async () => (await spans()).find((span) => span.toMs - span.fromMs > 5_000), 'footage');
process.kill(house.pidOf('hub'), 'SIGKILL');
const after = await until(async () => (await spans()).find((span) => span.toMs > before.toMs + 10_000), 'more footage');
const pieces = (await spans()).length;
await house.stop();
const oneRun = after.fromMs === before.fromMs && pieces === 1;
const figures = {
  readyMs: { firstStart: overRuns(firstMs), laterStart: overRuns(againMs) },
  hubKill: { sameRun: after.fromMs === before.fromMs, spans: pieces },
  stealPercent: steal(),
};
const missed = [
  ...(Math.max(figures.readyMs.firstStart.median, figures.readyMs.laterStart.median) > barMs ? ['start'] : []),
  ...(oneRun ? [] : ['recording went on over the kill of the hub']),
];
console.log(JSON.stringify({ ...figures, missed }));
if (values.json !== undefined) writeResult(values.json, figures, missed);
process.exit(missed.length === 0 ? 0 : 1);
