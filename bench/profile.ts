/** Where the agent's CPU goes while it records: self time by function, thread by thread. node bench/profile.ts [--cameras 50] [--seconds 30] [--plain] */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { camerasOf, startAgent } from './agent.ts';
import { cacheFolder, measure, processTree, referenceLoad, startSimulator, touchPages } from './measure.ts';

const { values } = parseArgs({
  options: { cameras: { type: 'string' }, seconds: { type: 'string' }, plain: { type: 'boolean' } },
});
const cameras = Number(values.cameras ?? 50);
touchPages(6000);
const simulator = await startSimulator(['--file', referenceLoad(), '--streams', String(cameras)]);
const folder = mkdtempSync(join(cacheFolder, 'profile-'));
const camerasFile = join(folder, 'cameras.json');
writeFileSync(camerasFile, JSON.stringify(camerasOf(simulator.base, cameras)));
const env = values.plain ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
const agent = await startAgent({ folder, camerasFile, env });
const usage = await measure(() => processTree(agent.pid), { warmUp: 15, run: Number(values.seconds ?? 30) });
await agent.stop();
await simulator.stop();
console.log(
  `${usage.cpuPercent.toFixed(2)} % of a core, ${(usage.cpuPercent / cameras).toFixed(4)} % per camera, ${usage.pssMiB.toFixed(0)} MiB, steal ${usage.stealPercent.toFixed(1)} %`,
);

type Profile = {
  startTime: number;
  endTime: number;
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
};
for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
  const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
  const frames = new Map(profile.nodes.map((node) => [node.id, node.callFrame]));
  const selfUs = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const { functionName, url, lineNumber } = frames.get(id)!;
    const key = `${functionName || '(anonymous)'} ${url.split('/').slice(-3).join('/')}:${lineNumber + 1}`;
    selfUs.set(key, (selfUs.get(key) ?? 0) + profile.timeDeltas[index]!);
  });
  const totalUs = profile.endTime - profile.startTime;
  console.log(`\n${name} (${(totalUs / 1e6).toFixed(0)} s)`);
  for (const [key, us] of [...selfUs].toSorted((a, b) => b[1] - a[1]).slice(0, 24)) {
    console.log(`${((100 * us) / totalUs).toFixed(2).padStart(7)} %  ${key}`);
  }
}
rmSync(folder, { recursive: true, force: true });
process.exit(0);
