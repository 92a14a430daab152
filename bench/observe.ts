/** Watches processes over a time: CPU, memory and bytes for disks. */
import { cpuSeconds, diskBytes, median, pssMiB, sleep, watchSteal } from './measure.ts';

export type Span = { readonly warmUp: number; readonly run: number };

export type Observed = {
  readonly seconds: number;
  /** 100 % is one core. */
  readonly cpuPercent: number;
  /** Median and worst of samples along the way. */
  readonly pssMiB: number;
  readonly worstPssMiB: number;
  readonly diskBytes: number;
  readonly stealPercent: number;
};

const sampleEveryMs = 5_000;

/**
 * Warms up, calls `onBegin`, then watches several sets of processes at once; what they are is asked again at the end, so that new children
 * count. `onSample` is called with each sample of memory.
 */
export async function observe<Name extends string>(
  sets: Readonly<Record<Name, () => readonly number[]>>,
  span: Span,
  hooks: { onBegin?: () => Promise<void>; onSample?: () => void } = {},
): Promise<Record<Name, Observed>> {
  await sleep(span.warmUp * 1000);
  await hooks.onBegin?.();
  const names = Object.keys(sets) as Name[];
  const read = (name: Name) => ({ cpu: cpuSeconds(sets[name]()), disk: diskBytes(sets[name]()) });
  const memory = new Map(names.map((name) => [name, [] as number[]]));
  const sample = (): void => {
    for (const name of names) memory.get(name)!.push(pssMiB(sets[name]()));
    hooks.onSample?.();
  };
  const steal = watchSteal();
  const beganMs = performance.now();
  const before = new Map(names.map((name) => [name, read(name)]));
  const sampling = setInterval(sample, Math.min(sampleEveryMs, (span.run * 1000) / 2));
  await sleep(span.run * 1000);
  clearInterval(sampling);
  const seconds = (performance.now() - beganMs) / 1000;
  const after = new Map(names.map((name) => [name, read(name)]));
  const stealPercent = steal();
  sample();
  const toObserved = (name: Name): Observed => {
    const [one, other] = [before.get(name)!, after.get(name)!];
    return {
      seconds,
      cpuPercent: (100 * (other.cpu - one.cpu)) / seconds,
      pssMiB: median(memory.get(name)!),
      worstPssMiB: Math.max(...memory.get(name)!),
      diskBytes: other.disk - one.disk,
      stealPercent,
    };
  };
  return Object.fromEntries(names.map((name) => [name, toObserved(name)])) as Record<Name, Observed>;
}
