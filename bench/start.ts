/** Start to ready with no cameras; a hub restart beside a recording agent. node bench/start.ts [--runs 5] */
import { parseArgs } from 'node:util';
import { startHouse, until } from './house.ts';
import { median, watchSteal } from './measure.ts';

const { values } = parseArgs({ options: { runs: { type: 'string' } } });
const steal = watchSteal();
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
console.log(
  JSON.stringify({
    readyMs: {
      firstStart: { median: median(firstMs), worst: Math.max(...firstMs) },
      laterStart: { median: median(againMs), worst: Math.max(...againMs) },
    },
    hubKill: {
      sameRun: after.fromMs === before.fromMs,
      spans: pieces,
    },
    stealPercent: steal(),
  }),
);
process.exit(after.fromMs === before.fromMs && pieces === 1 ? 0 : 1);
