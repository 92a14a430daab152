/** What a running agent holds, seen from outside: memory, open files and sockets by kind, and by its probe timers. Linux only. */
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { processTree, pssMiB, sleep } from '../measure.ts';
import type { ThreadHoldings } from './handle-probe.ts';

export type AgentHoldings = {
  readonly pssMiB: number;
  readonly tcpSockets: number;
  readonly udpSockets: number;
  /** Local sockets: between processes, and those that answer. */
  readonly unixSockets: number;
  readonly files: number;
  /** Pipes, event counters and the like: Node's own machinery. */
  readonly others: number;
  readonly timers: number;
  readonly threads: readonly ThreadHoldings[];
};

const answerMs = 5000;

/** Counts all processes of an agent. `probePath` is where its probe answers. */
export async function countAgent(pid: number, probePath: string): Promise<AgentHoldings> {
  const pids = processTree(pid);
  const threads = await askProbe(pid, probePath);
  const counts = { tcpSockets: 0, udpSockets: 0, unixSockets: 0, files: 0, others: 0 };
  for (const each of pids) {
    const kinds = socketKinds(each);
    for (const target of openTargets(each)) counts[toKind(target, kinds)]++;
  }
  const timers = threads.reduce((sum, one) => sum + one.timers, 0);
  return { pssMiB: Math.round(pssMiB(pids) * 10) / 10, ...counts, timers, threads };
}

function openTargets(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return [readlinkSync(`${folder}/${name}`)];
    } catch {
      return [];
    }
  });
}

type Kind = 'tcpSockets' | 'udpSockets' | 'unixSockets' | 'files' | 'others';

function toKind(target: string, kinds: ReadonlyMap<string, Kind>): Kind {
  const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
  if (inode !== undefined) return kinds.get(inode) ?? 'unixSockets';
  return /^\/(?!dev|proc)/.test(target) ? 'files' : 'others';
}

/** Socket inodes of the process's network, by protocol. */
function socketKinds(pid: number): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const [file, kind] of [
    ['tcp', 'tcpSockets'],
    ['tcp6', 'tcpSockets'],
    ['udp', 'udpSockets'],
    ['udp6', 'udpSockets'],
  ] as const) {
    for (const line of readFileSync(`/proc/${pid}/net/${file}`, 'utf8').split('\n').slice(1)) {
      const inode = line.trim().split(/\s+/)[9];
      if (inode !== undefined) kinds.set(inode, kind);
    }
  }
  return kinds;
}

async function askProbe(pid: number, path: string): Promise<ThreadHoldings[]> {
  rmSync(path, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let waitedMs = 0; waitedMs < answerMs; waitedMs += 100) {
    await sleep(100);
    try {
      return JSON.parse(readFileSync(path, 'utf8')) as ThreadHoldings[];
    } catch {
      continue; // Not there yet, or not whole.
    }
  }
  throw new Error('The agent does not say what it holds');
}
