/**
 * CPU and memory to record N cameras (1080p25, 2 Mbit/s, RTSP over TCP) beside ten `ffmpeg -c copy` in the same run.
 * node bench/record.ts [--cameras 50] [--runs 3] [--seconds 60]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agentMetrics, camerasOf, startAgent } from './agent.ts';
import {
  cacheFolder,
  measure,
  median,
  processTree,
  referenceLoad,
  startProgram,
  startSimulator,
  touchPages,
  type Usage,
} from './measure.ts';

const { values } = parseArgs({
  options: { cameras: { type: 'string' }, runs: { type: 'string' }, seconds: { type: 'string' } },
});
const cameras = Number(values.cameras ?? 50);
const runs = Number(values.runs ?? 3);
const seconds = { warmUp: 15, run: Number(values.seconds ?? 60) };
const peers = 10;

const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(Math.max(cameras, peers))]);
const { base } = simulator;
const folder = mkdtempSync(join(cacheFolder, 'record-'));

async function runHouse(run: number): Promise<Usage & { framesPerCamera: number; lost: number }> {
  const file = join(folder, `cameras-${run}.json`);
  writeFileSync(file, JSON.stringify(camerasOf(base, cameras)));
  const agent = await startAgent({ folder: join(folder, `house-${run}`), camerasFile: file });
  const usage = await measure(() => processTree(agent.pid), seconds);
  const metrics = await agentMetrics(agent.socketPath);
  await agent.stop();
  rmSync(join(folder, `house-${run}`), { recursive: true, force: true });
  return {
    ...usage,
    framesPerCamera: metrics.sum('porchlight_frames_received_total') / cameras,
    lost: metrics.sum('porchlight_packets_lost_total') + metrics.sum('porchlight_queue_drops_total'),
  };
}

async function runPeers(run: number): Promise<Usage> {
  const programs = await Promise.all(
    Array.from({ length: peers }, (_, index) =>
      startProgram(
        'ffmpeg',
        [
          '-nostdin',
          '-v',
          'error',
          '-rtsp_transport',
          'tcp',
          '-i',
          `${base}/cam${index + 1}`,
          '-c',
          'copy',
          '-f',
          'segment',
        ]
          .concat([
            '-segment_time',
            '60',
            '-segment_format',
            'mp4',
            '-segment_format_options',
            'movflags=+frag_keyframe+empty_moov',
          ])
          .concat([join(folder, `peer-${run}-${index}-%d.mp4`)]),
        { quiet: true },
      ),
    ),
  );
  const usage = await measure(() => programs.map((program) => program.pid), seconds);
  await Promise.all(programs.map((program) => program.stop()));
  return usage;
}

touchPages(6000);
const houses: Awaited<ReturnType<typeof runHouse>>[] = [];
const others: Usage[] = [];
for (let run = 0; run < runs; run++) {
  const house = await runHouse(run);
  houses.push(house);
  const other = await runPeers(run);
  others.push(other);
  const line = (usage: Usage, count: number): string =>
    `${(usage.cpuPercent / count).toFixed(4)} % per camera, ${(usage.pssMiB / count).toFixed(2)} MiB per camera, steal ${usage.stealPercent.toFixed(1)} %`;
  console.log(
    `run ${run + 1}: porchlight ${cameras} cameras: ${house.cpuPercent.toFixed(2)} %, ${line(house, cameras)}, lost ${house.lost}, frames per camera ${house.framesPerCamera.toFixed(0)}`,
  );
  console.log(`run ${run + 1}: ffmpeg ${peers} processes: ${other.cpuPercent.toFixed(2)} %, ${line(other, peers)}`);
}
await simulator.stop();
rmSync(folder, { recursive: true, force: true });

const ratios = houses.map((house, run) => house.cpuPercent / cameras / (others[run]!.cpuPercent / peers));
console.log(
  JSON.stringify({
    cameras,
    cpuPerCameraPercent: {
      median: median(houses.map((usage) => usage.cpuPercent / cameras)),
      worst: Math.max(...houses.map((usage) => usage.cpuPercent / cameras)),
    },
    ffmpegPerCameraPercent: { median: median(others.map((usage) => usage.cpuPercent / peers)) },
    ratio: { median: median(ratios), worst: Math.max(...ratios) },
    pssMiB: {
      median: median(houses.map((usage) => usage.pssMiB)),
      worst: Math.max(...houses.map((usage) => usage.pssMiB)),
    },
    lost: houses.reduce((sum, usage) => sum + usage.lost, 0),
    stealPercent: Math.max(...houses.map((usage) => usage.stealPercent)),
  }),
);
process.exit(0);
