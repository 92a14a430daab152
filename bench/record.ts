/**
 * CPU and memory to record N cameras (1080p25, 2 Mbit/s, RTSP over TCP), beside ten processes of ffmpeg and of GStreamer doing the same in
 * the same runs; whether every picture that was sent is in the index; what the load generator itself costs.
 * node bench/record.ts [--cameras 50] [--runs 3] [--seconds 60] [--warm-up 15] [--peers ffmpeg,gstreamer|none] [--cap-gb 10]
 *   [--folder DIR] [--touch-mib 6000] [--json FILE]
 * The 500 cameras of the bar: node bench/record.ts --cameras 500 --seconds 300 --warm-up 60 --runs 1 --peers none --cap-gb 10
 */
import { parseArgs } from 'node:util';
import { median, referenceLoad, touchPages } from './measure.ts';
import { run } from './page.ts';
import { packagedPeers, type Peer } from './peers/index.ts';
import { cacheFolder, openFolder, startCameras } from './program.ts';
import { runAgent, runPeer, type AgentRun, type PeerRun } from './recording.ts';
import { describeDisk, printTable, toDigits } from './report.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ cameras: text, runs: text, seconds: text, 'warm-up': text, peers: text, 'cap-gb': text },
    ...{ folder: text, 'touch-mib': text, json: text },
  },
});
const cameras = Number(values.cameras ?? 50);
const runs = Number(values.runs ?? 3);
const span = { warmUp: Number(values['warm-up'] ?? 15), run: Number(values.seconds ?? 60) };
const capBytes = values['cap-gb'] === undefined ? undefined : Number(values['cap-gb']) * 1e9;
const wanted = (values.peers ?? 'ffmpeg,gstreamer').split(',').filter((name) => name !== 'none');
/** A third of the ffmpeg peer, per camera. */
const ratioBar = 1 / 3;
/** A second of pictures may be on its way when the agent is stopped. */
const tailBar = 25;

async function findPeers(): Promise<{ peers: Peer[]; notMeasured: object[] }> {
  const peers: Peer[] = [];
  const notMeasured: object[] = [];
  for (const name of wanted) {
    const peer = packagedPeers.find((one) => one.name === name);
    if (peer === undefined)
      throw new Error(`No peer ${name}: there are ${packagedPeers.map((one) => one.name).join(', ')}`);
    const prepared = await peer.prepare();
    if (prepared.kind === 'ready') peers.push(peer);
    else notMeasured.push({ peer: name, ...prepared });
  }
  return { peers, notMeasured };
}

const overRuns = (values: readonly number[]): { median: number; worst: number } => ({
  median: median(values),
  worst: Math.max(...values),
});

function sayAgent(agentRun: AgentRun, index: number): void {
  const { agent, load, pictures, lost } = agentRun;
  console.error(
    `run ${index + 1}: agent ${agent.cpuPercent.toFixed(2)} %, ${agent.pssMiB.toFixed(0)} MiB; load generator ${load.cpuPercent.toFixed(1)} %; ` +
      `${agentRun.picturesPerSecond.toFixed(2)} pictures per camera and second, ${lost} lost; steal ${agent.stealPercent.toFixed(1)} %; ${JSON.stringify(pictures)}`,
  );
}

function toFigures(agents: readonly AgentRun[], others: readonly PeerRun[]): object {
  const ofAgent = (read: (one: AgentRun) => number) => overRuns(agents.map(read));
  const peers = [...new Set(others.map(({ peer }) => peer))].map((peer) => {
    const own = others.filter((one) => one.peer === peer);
    const perCamera = own.map(({ usage, cameras: count }) => usage.cpuPercent / count);
    return {
      peer,
      cameras: own[0]!.cameras,
      cpuPercentPerCamera: overRuns(perCamera),
      pssMiBPerCamera: overRuns(own.map(({ usage, cameras: count }) => usage.pssMiB / count)),
      ratio: overRuns(agents.map(({ agent }, index) => agent.cpuPercent / cameras / perCamera[index]!)),
      bytesPerCamera: Math.round(median(own.map(({ bytes, cameras: count }) => bytes / count))),
    };
  });
  return {
    ...{ cameras, runs, seconds: span, ...(capBytes === undefined ? {} : { capBytes }) },
    agent: {
      cpuPercent: ofAgent(({ agent }) => agent.cpuPercent),
      cpuPercentPerCamera: ofAgent(({ agent }) => agent.cpuPercent / cameras),
      pssMiB: ofAgent(({ agent }) => agent.pssMiB),
      worstPssMiB: Math.max(...agents.map(({ agent }) => agent.worstPssMiB)),
      diskBytesPerRecordedByte: ofAgent(({ agent, recordedBytes }) => agent.diskBytes / recordedBytes),
    },
    load: { cpuPercent: ofAgent(({ load }) => load.cpuPercent), pssMiB: ofAgent(({ load }) => load.pssMiB) },
    peers,
    lost: agents.reduce((sum, { lost }) => sum + lost, 0),
    reconnects: agents.reduce((sum, { reconnects }) => sum + reconnects, 0),
    worstArchiveBytes: Math.max(...agents.map(({ worstArchiveBytes }) => worstArchiveBytes)),
    pictures: agents.map(({ pictures }) => pictures),
    stealPercent: Math.max(
      ...agents.map(({ agent }) => agent.stealPercent),
      ...others.map(({ usage }) => usage.stealPercent),
    ),
  };
}

function printRuns(agents: readonly AgentRun[], others: readonly PeerRun[]): void {
  const row = (who: string, count: number, of: readonly AgentRun['agent'][]): (string | number)[] => {
    const cpu = overRuns(of.map((one) => one.cpuPercent));
    const pss = overRuns(of.map((one) => one.pssMiB));
    const two = ({ median: middle, worst }: typeof cpu, by: number): string =>
      `${toDigits(middle / by, 3)} / ${toDigits(worst / by, 3)}`;
    return [who, count, two(cpu, 1), two(cpu, count), two(pss, 1), two(pss, count)];
  };
  const peers = [...new Set(others.map(({ peer }) => peer))].map((peer) => {
    const own = others.filter((one) => one.peer === peer);
    return row(
      peer,
      own[0]!.cameras,
      own.map(({ usage }) => usage),
    );
  });
  console.log('Median / worst of all runs. 100 % is one core.');
  printTable(
    ['who', 'cameras', 'CPU %', 'CPU % per camera', 'PSS MiB', 'PSS MiB per camera'],
    [
      row(
        'porchlight',
        cameras,
        agents.map(({ agent }) => agent),
      ),
      ...peers,
      row(
        '(load generator)',
        cameras,
        agents.map(({ load }) => load),
      ),
    ],
  );
}

function findMissed(agents: readonly AgentRun[], others: readonly PeerRun[]): string[] {
  const ffmpegs = others.filter(({ peer }) => peer === 'ffmpeg');
  const ratios = ffmpegs.map(
    ({ usage, cameras: count }, index) => agents[index]!.agent.cpuPercent / cameras / (usage.cpuPercent / count),
  );
  const any = (is: (one: AgentRun) => boolean): boolean => agents.some(is);
  return [
    ...(ratios.length > 0 && median(ratios) > ratioBar ? ['ratio to ffmpeg'] : []),
    ...(any(({ lost }) => lost > 0) ? ['packets lost'] : []),
    ...(any(({ reconnects }) => reconnects > 0) ? ['connections begun again'] : []),
    ...(any(({ pictures }) => pictures.missingInside !== 0 || pictures.seams > 0) ? ['pictures missing'] : []),
    ...(any(({ pictures }) => pictures.worstTail > tailBar || pictures.leftOpen > 0)
      ? ['pictures sent but not recorded']
      : []),
    ...(capBytes !== undefined && any(({ worstArchiveBytes }) => worstArchiveBytes > capBytes * 1.1) ? ['cap'] : []),
    ...(any(({ agent, load }) => agent.worstPssMiB === 0 || load.cpuPercent === 0) ? ['not measured'] : []),
  ];
}

await run(
  async (onEnd) => {
    const { peers, notMeasured } = await findPeers();
    const folder = openFolder('record', values.folder ?? cacheFolder);
    console.log(`Recording to ${folder}: ${describeDisk(folder)}`);
    touchPages(Number(values['touch-mib'] ?? (capBytes === undefined ? 6000 : (1.2 * capBytes) / 2 ** 20)));
    const most = Math.max(cameras, ...peers.map(({ mostCameras }) => mostCameras ?? cameras));
    const load = await startCameras(referenceLoad(), most);
    onEnd(() => load.stop());
    const [agents, others]: [AgentRun[], PeerRun[]] = [[], []];
    for (let index = 0; index < runs; index++) {
      agents.push(await runAgent({ load, cameras, folder, span, capBytes }));
      sayAgent(agents.at(-1)!, index);
      for (const peer of peers) {
        const other = await runPeer(peer, { load, cameras: peer.mostCameras ?? cameras, folder, span });
        others.push(other);
        const { agent, receivedBytes } = agents.at(-1)!;
        const expected = (receivedBytes / agent.seconds / cameras) * other.usage.seconds * other.cameras;
        if (other.bytes < expected / 2)
          throw new Error(`${peer.name} did not do the job: ${other.bytes} bytes of ${expected}`);
        console.error(
          `run ${index + 1}: ${peer.name} ${(other.usage.cpuPercent / other.cameras).toFixed(4)} % per camera`,
        );
      }
    }
    printRuns(agents, others);
    return { line: { ...toFigures(agents, others), notMeasured }, missed: findMissed(agents, others) };
  },
  { json: values.json },
);
