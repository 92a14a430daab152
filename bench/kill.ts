/** kill -9 of the agent at random moments while it records: seconds lost, files readable, index right. node bench/kill.ts [--kills 10] [--cameras 4] */
import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startHouse, until } from './house.ts';
import { median, referenceLoad, sleep, startSimulator, watchSteal } from './measure.ts';

const { values } = parseArgs({ options: { kills: { type: 'string' }, cameras: { type: 'string' } } });
const kills = Number(values.kills ?? 10);
const cameras = Number(values.cameras ?? 4);
const steal = watchSteal();
const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(cameras)]);
const { base } = simulator;
const house = await startHouse(
  Array.from({ length: cameras }, (_, index) => ['--camera', `cam${index + 1}=${base}/cam${index + 1}`]).flat(),
);

type Span = { stream: string; fromMs: number; toMs: number; open: boolean };
const spansOf = async (camera: string): Promise<Span[]> => {
  const now = Date.now();
  const answer = await house.api(`/api/cameras/${camera}/recordings?from=${now - 3_600_000}&to=${now + 60_000}`);
  return ((await answer.json()) as { spans: Span[] }).spans
    .filter((span) => span.stream === 'main')
    .toSorted((a, b) => a.fromMs - b.fromMs);
};
const names = Array.from({ length: cameras }, (_, index) => `cam${index + 1}`);
const lostMs: number[] = [];
const backMs: number[] = [];
for (let kill = 0; kill < kills; kill++) {
  for (const name of names)
    await until(async () => (await spansOf(name)).at(-1)?.open || undefined, `${name} recording`);
  await sleep(3_000 + Math.random() * 5_000);
  const agent = house.pidOf('agent');
  const killedMs = Date.now();
  process.kill(agent, 'SIGKILL');
  for (const name of names) {
    const spans = await until(async () => {
      const now = await spansOf(name);
      return now.some((span) => span.fromMs > killedMs) ? now : undefined;
    }, `${name} after the kill`);
    const before = spans.filter((span) => span.fromMs < killedMs).at(-1)!;
    lostMs.push(Math.max(0, killedMs - before.toMs));
    backMs.push(spans.find((span) => span.fromMs > killedMs)!.fromMs - killedMs);
  }
}
const files = globSync(join(house.folder, 'archive/**/*.mp4'));
await house.stop({ keep: true });
let unreadable = 0;
for (const file of files) {
  const words = execFileSync(
    'sh',
    ['-c', 'ffprobe -v error -count_packets -show_entries stream=nb_read_packets -of csv=p=0 "$1" 2>&1', 'sh', file],
    { encoding: 'utf8' },
  );
  if (!/^\d+/.test(words)) unreadable++;
}
await simulator.stop();
console.log(
  JSON.stringify({
    kills,
    cameras,
    lostMs: { median: median(lostMs), worst: Math.max(...lostMs) },
    recordingAgainMs: { median: median(backMs), worst: Math.max(...backMs) },
    files: files.length,
    unreadable,
    stealPercent: steal(),
  }),
);
execFileSync('rm', ['-rf', house.folder]);
process.exit(unreadable === 0 && Math.max(...lostMs) <= 1000 ? 0 : 1);
