/**
 * What recording costs by number of cameras: CPU, memory, bytes for the disk by byte of media, cameras per core. A count that this machine
 * cannot serve, load generator included, says so in its row.
 * node bench/curve.ts [--cameras 1,10,100,500,1000] [--seconds 60] [--warm-up 30] [--cap-gb 10] [--folder DIR] [--touch-mib 6000] [--json FILE]
 */
import { parseArgs } from 'node:util';
import { referenceLoad, touchPages } from './measure.ts';
import { run } from './page.ts';
import { cacheFolder, openFolder, startCameras } from './program.ts';
import { sayAgent, tailBar } from './record-report.ts';
import { runAgent, type AgentRun } from './recording.ts';
import { describeDisk, printTable, toDigits } from './report.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ cameras: text, seconds: text, 'warm-up': text, 'cap-gb': text, folder: text, 'touch-mib': text, json: text },
  },
});
const counts = (values.cameras ?? '1,10,100,500,1000').split(',').map(Number);
const span = { warmUp: Number(values['warm-up'] ?? 30), run: Number(values.seconds ?? 60) };
const capBytes = Number(values['cap-gb'] ?? 10) * 1e9;

export type CurvePoint = {
  readonly cameras: number;
  readonly cpuPercent: number;
  readonly pssMiB: number;
  readonly camerasPerCore: number;
  /** Bytes that the agent has handed to the disk, the index included, by byte of footage. */
  readonly writeAmplification: number;
  /** From starting the agent until all were recorded. */
  readonly allRecordedSeconds: number | undefined;
  readonly loadCpuPercent: number;
  readonly stealPercent: number;
  /** Why the figures are not those of a healthy recorder; absent when they are. */
  readonly trouble?: string;
};

function findTrouble({ cameras, lost, reconnects, pictures }: AgentRun): string | undefined {
  if (lost > 0) return `${lost} packets lost`;
  if (reconnects > 0) return `${reconnects} connections begun again`;
  if (pictures.missingInside !== 0) return `${pictures.missingInside} pictures missing`;
  if (pictures.firstSeam !== undefined) return `${pictures.seams} files do not follow on: ${pictures.firstSeam}`;
  if (pictures.worstTail > tailBar) return `up to ${pictures.worstTail} pictures of a camera not recorded in time`;
  return pictures.leftOpen > 0 ? `${pictures.leftOpen} of ${cameras} files not closed in time` : undefined;
}

function toPoint(done: AgentRun): CurvePoint {
  const { agent, load, cameras } = done;
  const trouble = findTrouble(done);
  return {
    cameras,
    cpuPercent: agent.cpuPercent,
    pssMiB: agent.pssMiB,
    camerasPerCore: Math.floor(cameras / (agent.cpuPercent / 100)),
    writeAmplification: done.writeAmplification,
    allRecordedSeconds: done.allRecordedSeconds,
    loadCpuPercent: load.cpuPercent,
    stealPercent: agent.stealPercent,
    ...(trouble === undefined ? {} : { trouble }),
  };
}

await run(
  async (onEnd) => {
    const folder = openFolder('curve', values.folder ?? cacheFolder);
    console.log(`Recording to ${folder}: ${describeDisk(folder)}`);
    touchPages(Number(values['touch-mib'] ?? 6000));
    const load = await startCameras(referenceLoad(), Math.max(...counts));
    onEnd(() => load.stop());
    const points: CurvePoint[] = [];
    for (const cameras of counts) {
      const done = await runAgent({ load, cameras, folder, span, capBytes });
      sayAgent(done);
      points.push(toPoint(done));
    }
    printTable(
      [
        'cameras',
        'CPU %',
        'CPU % per camera',
        'cameras per core',
        'PSS MiB',
        'PSS MiB per camera',
        'bytes to disk / in files',
        'start to all recorded s',
        'load CPU %',
        'steal %',
        'trouble',
      ],
      points.map((point) => [
        point.cameras,
        toDigits(point.cpuPercent, 3),
        toDigits(point.cpuPercent / point.cameras, 3),
        point.camerasPerCore,
        Math.round(point.pssMiB),
        toDigits(point.pssMiB / point.cameras, 3),
        toDigits(point.writeAmplification, 3),
        point.allRecordedSeconds?.toFixed(1) ?? 'never',
        toDigits(point.loadCpuPercent, 3),
        toDigits(point.stealPercent, 2),
        point.trouble ?? '',
      ]),
    );
    return { line: { seconds: span, capBytes, points }, missed: points.flatMap(({ trouble }) => trouble ?? []) };
  },
  { json: values.json },
);
