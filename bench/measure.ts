/** What every benchmark shares: CPU and memory of a process tree, host steal, medians, the reference load. Linux only. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './program.ts';

export { cacheFolder, root, startProgram, startSimulator } from './program.ts';
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process and all its descendants. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = statFields(Number(name))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const walk = (at: number): number[] => [at, ...(children.get(at) ?? []).flatMap(walk)];
  return walk(pid);
}

function statFields(pid: number): { parent: number; ticks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    // Fields after the name: state ppid … utime(11) stime(12) cutime(13) cstime(14), counted from 0 = state.
    return { parent: fields[1]!, ticks: fields[11]! + fields[12]! + fields[13]! + fields[14]! };
  } catch {
    return undefined;
  }
}

/** User + system seconds of all threads of these processes, ended children included. */
export function cpuSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (statFields(pid)?.ticks ?? 0), 0) / ticksPerSecond;
}

/** Proportional set size in MiB. */
export function pssMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) {
    try {
      kib += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      continue;
    }
  }
  return kib / 1024;
}

/** Bytes that these processes have had written to disks, the page cache's own delay aside. @see proc(5), `write_bytes` */
export function diskBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/io`, 'utf8');
      return sum + Number(/^write_bytes: (\d+)/m.exec(text)?.[1] ?? 0);
    } catch {
      return sum;
    }
  }, 0);
}

function cpuLine(): number[] {
  return readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
}

/** Starts watching; the answer is the share of CPU time the host took away since, in per cent. */
export function watchSteal(): () => number {
  const before = cpuLine();
  return () => {
    const delta = cpuLine().map((value, index) => value - before[index]!);
    return (100 * delta[7]!) / delta.slice(0, 8).reduce((sum, value) => sum + value, 0);
  };
}

export type Usage = { readonly cpuPercent: number; readonly pssMiB: number; readonly stealPercent: number };

/** Warms up, then measures a set of processes (re-read at the end, so that new children count). 100 % is one core. */
export async function measure(pidsOf: () => number[], seconds = { warmUp: 15, run: 60 }): Promise<Usage> {
  await sleep(seconds.warmUp * 1000);
  const steal = watchSteal();
  const startMs = performance.now();
  const before = cpuSeconds(pidsOf());
  await sleep(seconds.run * 1000);
  const used = cpuSeconds(pidsOf()) - before;
  return {
    cpuPercent: (100 * used) / ((performance.now() - startMs) / 1000),
    pssMiB: pssMiB(pidsOf()),
    stealPercent: steal(),
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value that this share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

/** The reference load of `recorder.md`: 1080p25, 2 Mbit/s, GOP 2 s, no B-frames, 20 s; made once by ffmpeg. */
export function referenceLoad(): string {
  const file = join(cacheFolder, 'reference-1080p25-2mbit.mp4');
  if (existsSync(file)) return file;
  mkdirSync(cacheFolder, { recursive: true });
  const source = 'testsrc2=size=1920x1080:rate=25,noise=alls=6:allf=t';
  const coding = '-c:v libx264 -preset veryfast -profile:v high -bf 0 -g 50 -keyint_min 50 -sc_threshold 0';
  const rate = '-b:v 2M -minrate 2M -maxrate 2M -bufsize 1M -nal-hrd cbr -pix_fmt yuv420p';
  execFileSync('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    source,
    '-t',
    '20',
    ...coding.split(' '),
    ...rate.split(' '),
    file,
  ]);
  return file;
}

/**
 * Writes and removes a file of so many MiB, so that the page cache has pages to take again. On a fresh virtual machine the first touch of
 * a page costs six times the write itself (seen: 1.56 s of system time per GB, 0.24 s afterwards), which would be measured as ours.
 */
export function touchPages(mib: number): void {
  const file = join(cacheFolder, `touch-${process.pid}`);
  execFileSync('dd', ['if=/dev/zero', `of=${file}`, 'bs=1M', `count=${mib}`], { stdio: 'ignore' });
  rmSync(file);
}
