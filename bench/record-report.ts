/** What runs of the agent and of peers on one load come to. */
import { median } from './measure.ts';
import type { Observed, Span } from './observe.ts';
import type { AbsentPeer, Peer } from './peers/index.ts';
import type { AgentRun, PeerRun } from './recording.ts';
import { printTable, toDigits } from './report.ts';

export type Runs = {
  readonly cameras: number;
  readonly span: Span;
  readonly capBytes: number | undefined;
  readonly agents: AgentRun[];
  /** In the order of the agent's runs, each as often as the agent. */
  peers: PeerRun[];
  readonly absent: AbsentPeer[];
  /** What each peer does, by name. */
  readonly jobs: readonly Peer[];
};

/** A third of the ffmpeg peer, per camera. */
const ratioBar = 1 / 3;
/** A second of pictures may be on its way when the agent is stopped. */
export const tailBar = 25;
/** Retention looks every few seconds. */
const capSlack = 1.1;

type Figure = { readonly median: number; readonly worst: number };
const overRuns = (values: readonly number[]): Figure => ({ median: median(values), worst: Math.max(...values) });
const peerNames = (runs: Runs): string[] => [...new Set(runs.peers.map(({ peer }) => peer))];
const runsOf = (runs: Runs, name: string): PeerRun[] => runs.peers.filter(({ peer }) => peer === name);

/** CPU per camera against that of a peer, run by run. */
function toRatios({ agents, cameras }: Runs, own: readonly PeerRun[]): number[] {
  return own.map(({ usage, cameras: count }, index) => {
    const perCamera = agents[index]!.agent.cpuPercent / cameras;
    return perCamera / (usage.cpuPercent / count);
  });
}

export function sayAgent({ agent, load, pictures, lost }: AgentRun): void {
  const words = [
    `porchlight: ${agent.cpuPercent.toFixed(2)} %, ${agent.pssMiB.toFixed(0)} MiB`,
    `load generator ${load.cpuPercent.toFixed(1)} %`,
    `${lost} packets lost`,
    `steal ${agent.stealPercent.toFixed(1)} %`,
    JSON.stringify(pictures),
  ];
  console.error(words.join('; '));
}

const mostSteal = ({ agents, peers }: Runs): number =>
  Math.max(...agents.map(({ agent }) => agent.stealPercent), ...peers.map(({ usage }) => usage.stealPercent));

export function toFigures(runs: Runs): object {
  const { agents, cameras, capBytes } = runs;
  const ofAgent = (read: (one: AgentRun) => number): Figure => overRuns(agents.map(read));
  const peers = peerNames(runs).map((peer) => {
    const own = runsOf(runs, peer);
    return {
      peer,
      job: runs.jobs.find(({ name }) => name === peer)?.job,
      cameras: own[0]!.cameras,
      cpuPercentPerCamera: overRuns(own.map(({ usage, cameras: count }) => usage.cpuPercent / count)),
      pssMiBPerCamera: overRuns(own.map(({ usage, cameras: count }) => usage.pssMiB / count)),
      ratio: overRuns(toRatios(runs, own)),
    };
  });
  return {
    ...{ cameras, runs: agents.length, seconds: runs.span, ...(capBytes === undefined ? {} : { capBytes }) },
    agent: {
      cpuPercent: ofAgent(({ agent }) => agent.cpuPercent),
      cpuPercentPerCamera: ofAgent(({ agent }) => agent.cpuPercent / cameras),
      pssMiB: ofAgent(({ agent }) => agent.pssMiB),
      worstPssMiB: Math.max(...agents.map(({ agent }) => agent.worstPssMiB)),
      writeAmplification: ofAgent(({ writeAmplification }) => writeAmplification),
    },
    allRecordedSeconds: ofAgent(({ allRecordedSeconds }) => allRecordedSeconds ?? Infinity),
    load: { cpuPercent: ofAgent(({ load }) => load.cpuPercent), pssMiB: ofAgent(({ load }) => load.pssMiB) },
    ...{ peers, notMeasured: runs.absent },
    lost: agents.reduce((sum, { lost }) => sum + lost, 0),
    reconnects: agents.reduce((sum, { reconnects }) => sum + reconnects, 0),
    worstArchiveBytes: Math.max(...agents.map(({ worstArchiveBytes }) => worstArchiveBytes)),
    pictures: agents.map(({ pictures }) => pictures),
    stealPercent: mostSteal(runs),
  };
}

export function printRuns(runs: Runs): void {
  const { agents, cameras } = runs;
  const show = ({ median: middle, worst }: Figure, by: number): string =>
    `${toDigits(middle / by, 3)} / ${toDigits(worst / by, 3)}`;
  const row = (who: string, count: number, of: readonly Observed[], ratio = ''): (string | number)[] => {
    const cpu = overRuns(of.map((one) => one.cpuPercent));
    const pss = overRuns(of.map((one) => one.pssMiB));
    return [who, count, show(cpu, 1), show(cpu, count), ratio, show(pss, 1), show(pss, count)];
  };
  const peers = peerNames(runs).map((peer) => {
    const own = runsOf(runs, peer);
    return row(
      peer,
      own[0]!.cameras,
      own.map(({ usage }) => usage),
      show(overRuns(toRatios(runs, own)), 1),
    );
  });
  const absent = runs.absent.map(({ peer, command, error }) => [peer, '', `not measured: ${command}: ${error}`]);
  console.log('Median / worst of all runs; 100 % is one core; ratio: what a camera costs the agent against the peer.');
  printTable(
    ['who', 'cameras', 'CPU %', 'CPU % per camera', 'ratio', 'PSS MiB', 'PSS MiB per camera'],
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
  console.log(`The host took at most ${toDigits(mostSteal(runs), 2)} % away.`);
  for (const [peer, , words] of absent) console.log(`${peer}: ${words}`);
}

export function findMissed(runs: Runs): string[] {
  const { agents, capBytes } = runs;
  const any = (is: (one: AgentRun) => boolean): boolean => agents.some(is);
  const ratios = toRatios(runs, runsOf(runs, 'ffmpeg'));
  const overCap = ({ worstArchiveBytes }: AgentRun): boolean => worstArchiveBytes > (capBytes ?? Infinity) * capSlack;
  const checks: readonly (readonly [string, boolean])[] = [
    ['ratio to ffmpeg', ratios.length > 0 && median(ratios) > ratioBar],
    ['ffmpeg not measured', runs.absent.some(({ peer }) => peer === 'ffmpeg')],
    ['packets lost', any(({ lost }) => lost > 0)],
    ['connections begun again', any(({ reconnects }) => reconnects > 0)],
    ['pictures missing', any(({ pictures }) => pictures.missingInside !== 0)],
    ['files that do not follow on', any(({ pictures }) => pictures.seams > 0)],
    ['pictures sent but not recorded', any(({ pictures }) => pictures.worstTail > tailBar)],
    ['files left open', any(({ pictures }) => pictures.leftOpen > 0)],
    ['cap', any(overCap)],
  ];
  return checks.filter(([, missed]) => missed).map(([name]) => name);
}
