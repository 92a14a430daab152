/**
 * What each further camera costs: PSS of the agent with 1, 50 and 200 cameras of the reference load, the same flags for all, no viewers.
 * node bench/memory.ts [--cameras 1,50,200] [--seconds 20] [--json FILE]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { agentMetrics, camerasOf, startAgent } from './agent.ts';
import {
  cacheFolder,
  median,
  processTree,
  pssMiB,
  referenceLoad,
  sleep,
  startSimulator,
  watchSteal,
} from './measure.ts';
import { round, run } from './page.ts';

const { values } = parseArgs({
  options: { cameras: { type: 'string' }, seconds: { type: 'string' }, json: { type: 'string' } },
});
const counts = (values.cameras ?? '1,50,200').split(',').map(Number);
const seconds = { warmUp: 20, run: Number(values.seconds ?? 20) };
const sampleEveryMs = 1000;
/** 1.5 MB per camera; PSS is read in MiB. */
const barMiB = 1.5e6 / 2 ** 20;

type Point = { readonly cameras: number; readonly pssMiB: number; readonly worstMiB: number; readonly lost: number };

await run(
  async (onEnd) => {
    const file = referenceLoad();
    const simulator = await startSimulator(['--file', file, '--streams', String(Math.max(...counts))]);
    onEnd(() => simulator.stop());
    const folder = mkdtempSync(join(cacheFolder, 'memory-'));
    onEnd(() => rmSync(folder, { recursive: true, force: true }));
    const steal = watchSteal();
    const points: Point[] = [];
    for (const cameras of counts) {
      const camerasFile = join(folder, `cameras-${cameras}.json`);
      writeFileSync(camerasFile, JSON.stringify(camerasOf(simulator.base, cameras)));
      const house = join(folder, String(cameras));
      const agent = await startAgent({ folder: house, camerasFile });
      await sleep(seconds.warmUp * 1000);
      const samples: number[] = [];
      for (let ms = 0; ms < seconds.run * 1000; ms += sampleEveryMs) {
        await sleep(sampleEveryMs);
        samples.push(pssMiB(processTree(agent.pid)));
      }
      const metrics = await agentMetrics(agent.socketPath);
      await agent.stop();
      rmSync(house, { recursive: true, force: true });
      const lost = metrics.sum('porchlight_packets_lost_total');
      const frames = metrics.sum('porchlight_frames_received_total') / cameras;
      if (frames < 20 * seconds.run) throw new Error(`Only ${frames} frames per camera came: the load is not there`);
      points.push({ cameras, pssMiB: round(median(samples)), worstMiB: round(Math.max(...samples)), lost });
      console.error(JSON.stringify(points.at(-1)));
    }
    const [first, ...more] = points;
    const perCameraMiB = more.map(({ cameras, pssMiB }) => (pssMiB - first!.pssMiB) / (cameras - first!.cameras));
    const line = {
      points,
      perCameraMB: perCameraMiB.map((mib) => Math.round((mib * 2 ** 20) / 1e4) / 100),
      barMB: 1.5,
      stealPercent: round(steal()),
    };
    const missed = [
      ...(perCameraMiB.some((mib) => mib > barMiB) ? ['memory per camera'] : []),
      ...(points.some(({ lost }) => lost > 0) ? ['packets lost'] : []),
    ];
    return { line, missed };
  },
  { json: values.json },
);
