/**
 * An hour of cameras under random faults, recorded by the real agent as a process of its own. Bars: its memory does not grow from the second
 * sixth of the time to the last, and when all faults have been taken away it holds what it held at the beginning.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRandom, parseFault } from '../../simulator/src/faults/index.ts';
import { agentFlags } from '../../cli/src/supervisor/index.ts';
import { agentMetrics, camerasOf, startAgent, type RunningAgent } from '../agent.ts';
import { cacheFolder, median, sleep } from '../measure.ts';
import { countAgent, type AgentHoldings } from './agent-holdings.ts';
import type { FaultMessage } from './cameras.ts';
import { openCameras } from './open-cameras.ts';
import type { SoakResult } from './run.ts';
import { toUnits } from './trouble.ts';

export type HourOptions = {
  readonly minutes: number;
  readonly cameras: number;
  readonly stallMs: number;
  readonly mbitPerSecond: number;
  readonly seed: number;
};

/** Of the time: the beginning warms up, the second sixth is what the last is held against. */
const sixths = 6;
const growth = 1.05;
const sampleMs = 10_000;
/** A camera is well for up to so long, then in trouble for up to so long. */
const longestWellMs = 20_000;
const longestTroubleMs = 8000;
/** Footage kept of a camera: retention works all the time, and the disk stays small. */
const capBytes = 50_000_000;
const onlineMs = 60_000;
const settleMs = 150_000;

type Sample = Pick<AgentHoldings, 'pssMiB' | 'tcpSockets' | 'udpSockets' | 'files' | 'timers'> & {
  readonly minute: number;
};

/** Runs for so long; nothing of it stays behind. */
export async function runHour(options: HourOptions): Promise<SoakResult> {
  const { minutes, cameras, mbitPerSecond, seed } = options;
  mkdirSync(cacheFolder, { recursive: true });
  const folder = mkdtempSync(join(cacheFolder, 'hour-'));
  const { child, base } = await openCameras(cameras, { mbitPerSecond });
  const probePath = join(folder, 'holdings.json');
  const agent = await openAgent(folder, { base, ...options, probePath });
  try {
    await untilRecording(agent, cameras, 'at the beginning');
    const before = await settle(agent, probePath, undefined);
    const endMs = performance.now() + minutes * 60_000;
    const faults = { child, cameras, random: openRandom(seed), endMs };
    const troubled = Array.from({ length: cameras }, (_, index) => trouble(`cam${index + 1}`, faults));
    const samples = await sample(agent, probePath, endMs);
    const rounds = (await Promise.all(troubled)).reduce((sum, count) => sum + count, 0);
    // Each camera connects anew, so that what was agreed with it under trouble is over.
    for (let index = 1; index <= cameras; index++) setFault(child, `cam${index}`, 'close=reset');
    await sleep(2000);
    for (let index = 1; index <= cameras; index++) setFault(child, `cam${index}`, undefined);
    await untilRecording(agent, cameras, 'at the end');
    const after = await settle(agent, probePath, before);
    const memory = toMemory(samples, minutes);
    const metrics = await agentMetrics(agent.socketPath);
    // What a thread held is forgotten when it is started again: nothing is proved then.
    const restarts = metrics.sum('porchlight_shard_restarts_total');
    const missed = [
      ...memory.missed,
      ...toLeaks(before, after),
      ...(restarts > 0 ? [`${restarts} shard restarts`] : []),
    ];
    return {
      ...{ missed, minutes, cameras, mbitPerSecond, seed, rounds },
      ...{ reconnects: metrics.sum('porchlight_reconnects_total'), memory: memory.figures },
      handles: { before: withoutThreads(before), after: withoutThreads(after) },
      threads: { before: before.threads, after: after.threads },
      samples: everyMinute(samples),
    };
  } finally {
    await agent.stop();
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

type AgentOptions = HourOptions & { readonly base: string; readonly probePath: string };

/** Half of the cameras by TCP, a quarter as they like it, a quarter by UDP. */
function openAgent(folder: string, { base, cameras, stallMs, probePath }: AgentOptions): Promise<RunningAgent> {
  const camerasFile = join(folder, 'cameras.json');
  const configs = camerasOf(base, cameras).map((config, index) => {
    const transport = index % 4 === 3 ? 'udp' : index % 4 === 2 ? 'auto' : 'tcp';
    return { ...config, transport, stallMs, capBytes };
  });
  writeFileSync(camerasFile, JSON.stringify(configs));
  const probe = ['--import', join(import.meta.dirname, 'handle-probe.ts')];
  return startAgent({
    ...{ folder: join(folder, 'house'), camerasFile, level: 'error' },
    env: { HANDLE_PROBE: probePath },
    nodeFlags: [...agentFlags, ...probe],
  });
}

async function untilRecording(agent: RunningAgent, cameras: number, when: string): Promise<void> {
  let recording = 0;
  for (let waitedMs = 0; waitedMs < onlineMs; waitedMs += 500) {
    const metrics = await agentMetrics(agent.socketPath);
    recording = Math.min(metrics.sum('porchlight_stream_recording'), metrics.sum('porchlight_camera_online'));
    if (recording >= cameras) return;
    await sleep(500);
  }
  throw new Error(`Only ${recording} of ${cameras} cameras are recorded ${when}`);
}

function setFault(child: ChildProcess, name: string, text: string | undefined): void {
  child.send({ name, fault: text === undefined ? undefined : parseFault(text) } satisfies FaultMessage);
}

type Faults = {
  readonly child: ChildProcess;
  readonly cameras: number;
  readonly random: () => number;
  readonly endMs: number;
};

/** One trouble after the other on one camera, alone or two at once, until the time is over. */
async function trouble(name: string, { child, random, endMs }: Faults): Promise<number> {
  let rounds = 0;
  for (;;) {
    await sleep(random() * longestWellMs);
    if (performance.now() >= endMs) return rounds;
    const units = toUnits(1, random);
    child.send({ name, fault: units[0]!.fault } satisfies FaultMessage);
    await sleep(Math.min(random() * longestTroubleMs, Math.max(0, endMs - performance.now())));
    setFault(child, name, undefined);
    rounds++;
  }
}

async function sample(agent: RunningAgent, probePath: string, endMs: number): Promise<Sample[]> {
  const startedMs = performance.now();
  const samples: Sample[] = [];
  while (performance.now() < endMs) {
    await sleep(Math.min(sampleMs, Math.max(0, endMs - performance.now())));
    const { pssMiB, tcpSockets, udpSockets, files, timers } = await countAgent(agent.pid, probePath);
    const minute = Math.round((performance.now() - startedMs) / 6000) / 10;
    samples.push({ minute, pssMiB, tcpSockets, udpSockets, files, timers });
    if (samples.length % 6 === 0) console.error(JSON.stringify(samples.at(-1)));
  }
  return samples;
}

/** Counts until no more is held than `than` says, or the time is over: files of ended segments are closed one after the other. */
async function settle(agent: RunningAgent, probePath: string, than: AgentHoldings | undefined): Promise<AgentHoldings> {
  const untilMs = performance.now() + (than ? settleMs : settleMs / 10);
  for (;;) {
    await sleep(5000);
    const now = await countAgent(agent.pid, probePath);
    if ((than && toLeaks(than, now).length === 0) || performance.now() > untilMs) return now;
  }
}

/** A camera that once brought nothing by UDP is asked for TCP from then on: UDP sockets may be fewer, nothing may be more. */
function toLeaks(before: AgentHoldings, after: AgentHoldings): string[] {
  const leaks = (['tcpSockets', 'udpSockets', 'unixSockets', 'files', 'others', 'timers'] as const)
    .filter((name) => after[name] > before[name])
    .map((name) => `leak: ${name} ${before[name]} → ${after[name]}`);
  return after.timers > before.timers ? [...leaks, `more timers: ${moreTimers(before, after).join(', ')}`] : leaks;
}

/** Where the program wanted timers that were not there before. */
function moreTimers(before: AgentHoldings, after: AgentHoldings): string[] {
  const sum = ({ threads }: AgentHoldings, place: string): number =>
    threads.reduce((total, { wantedBy }) => total + (wantedBy[place] ?? 0), 0);
  return [...new Set(after.threads.flatMap(({ wantedBy }) => Object.keys(wantedBy)))]
    .filter((place) => sum(after, place) > sum(before, place))
    .map((place) => `${place} ${sum(before, place)} → ${sum(after, place)}`);
}

function toMemory(samples: readonly Sample[], minutes: number): { missed: string[]; figures: Record<string, number> } {
  const part = minutes / sixths;
  const between = (from: number, to: number): number =>
    median(samples.filter(({ minute }) => minute > from && minute <= to + 0.1).map(({ pssMiB }) => pssMiB));
  const [early, late] = [between(part, 2 * part), between(minutes - part, minutes)];
  const ratio = Math.round((late / early) * 1000) / 1000;
  const missed = ratio <= growth ? [] : [`memory: ${early} → ${late} MiB, ratio ${ratio} above ${growth}`];
  return { missed, figures: { earlyPssMiB: early, latePssMiB: late, ratio, bar: growth } };
}

const withoutThreads = ({ threads: _threads, ...rest }: AgentHoldings): Omit<AgentHoldings, 'threads'> => rest;

const everyMinute = (samples: readonly Sample[]): Sample[] =>
  samples.filter(({ minute }, index) => index === 0 || Math.floor(minute) > Math.floor(samples[index - 1]!.minute));
