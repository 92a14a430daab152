/**
 * CPU and memory to record N cameras (1080p25, 2 Mbit/s, RTSP over TCP), beside ten processes of ffmpeg and of GStreamer doing the same in
 * the same runs; whether every picture that was sent is in the index; what the load generator itself costs.
 * node bench/record.ts [--cameras 50] [--runs 3] [--seconds 60] [--warm-up 15] [--peers ffmpeg,gstreamer|all|none] [--cap-gb 10]
 *   [--folder DIR] [--touch-mib 6000] [--json FILE]
 * The 500 cameras of the bar: node bench/record.ts --cameras 500 --seconds 300 --warm-up 60 --runs 1 --peers none --cap-gb 10
 * Other programs, built from their registries where those give them: npm run bench:peers
 */
import { parseArgs } from 'node:util';
import { referenceLoad, touchPages } from './measure.ts';
import { run } from './page.ts';
import { allPeers, preparePeers, type AbsentPeer, type ReadyPeer } from './peers/index.ts';
import { cacheFolder, openFolder, startCameras } from './program.ts';
import { findMissed, printRuns, sayAgent, toFigures, type Runs } from './record-report.ts';
import { runAgent, runPeer, type AgentRun, type PeerJob } from './recording.ts';
import { describeDisk } from './report.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ cameras: text, runs: text, seconds: text, 'warm-up': text, peers: text, 'cap-gb': text },
    ...{ folder: text, 'touch-mib': text, json: text },
  },
});
const cameras = Number(values.cameras ?? 50);
const runCount = Number(values.runs ?? 3);
const span = { warmUp: Number(values['warm-up'] ?? 15), run: Number(values.seconds ?? 60) };
const capBytes = values['cap-gb'] === undefined ? undefined : Number(values['cap-gb']) * 1e9;
const defaultPeers = 'ffmpeg,gstreamer';
const wanted =
  values.peers === 'all'
    ? allPeers.map(({ name }) => name)
    : (values.peers ?? defaultPeers).split(',').filter((name) => name !== 'none');

/** A peer that ends, or does only half of the job, has not been measured. */
async function tryPeer(peer: ReadyPeer, job: PeerJob, before: AgentRun, runs: Runs): Promise<void> {
  const { name } = peer.peer;
  try {
    const done = await runPeer(peer, job);
    const expected = (before.receivedBytes / before.agent.seconds / cameras) * done.usage.seconds * done.cameras;
    if (done.bytes < expected / 2)
      throw new Error(`It gave ${done.bytes} bytes; about ${Math.round(expected)} were due`);
    runs.peers.push(done);
    console.error(`${name}: ${(done.usage.cpuPercent / done.cameras).toFixed(4)} % per camera`);
  } catch (error) {
    const failed: AbsentPeer = { kind: 'not-measured', peer: name, command: peer.program, error: String(error) };
    runs.absent.push(failed);
    runs.peers = runs.peers.filter((one) => one.peer !== name);
  }
}

await run(
  async (onEnd) => {
    const { ready, absent } = await preparePeers(wanted);
    const folder = openFolder('record', values.folder ?? cacheFolder);
    console.log(`Recording to ${folder}: ${describeDisk(folder)}`);
    touchPages(Number(values['touch-mib'] ?? (capBytes === undefined ? 6000 : (1.2 * capBytes) / 2 ** 20)));
    const most = Math.max(cameras, ...ready.map(({ peer }) => peer.mostCameras ?? cameras));
    const load = await startCameras(referenceLoad(), most);
    onEnd(() => load.stop());
    const runs: Runs = { cameras, span, capBytes, agents: [], peers: [], absent, jobs: allPeers };
    for (let index = 0; index < runCount; index++) {
      console.error(`run ${index + 1}`);
      const own = await runAgent({ load, cameras, folder, span, capBytes });
      runs.agents.push(own);
      sayAgent(own);
      for (const peer of ready) {
        if (runs.absent.some((one) => one.peer === peer.peer.name)) continue;
        await tryPeer(peer, { load, cameras: peer.peer.mostCameras ?? cameras, folder, span }, own, runs);
      }
    }
    printRuns(runs);
    const versions = Object.fromEntries(ready.map(({ peer, version }) => [peer.name, version]));
    return { line: { ...toFigures(runs), versions }, missed: findMissed(runs) };
  },
  { json: values.json },
);
