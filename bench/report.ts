/** How benchmarks say what they found: a table for people, a file of JSON for plots. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, dirname } from 'node:path';
import { root } from './program.ts';

/** What a figure was taken on. */
export type Machine = {
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
};

/** A file of bench/results. */
export type Result<Figures = unknown> = {
  readonly benchmark: string;
  readonly command: string;
  readonly takenAt: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly figures: Figures;
  /** Bars that were missed. */
  readonly missed: readonly string[];
};

/** Rounded to so many significant digits, for reading and for files that people compare. */
export function toDigits(value: number, digits = 4): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

const roundDeep = (value: unknown): unknown => {
  if (typeof value === 'number') return Number.isInteger(value) ? value : toDigits(value);
  if (Array.isArray(value)) return value.map(roundDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, roundDeep(inner)]));
};

/** Writes what a benchmark found, and how to take it again. */
export function writeResult(path: string, figures: object, missed: readonly string[]): void {
  const [entry = '', ...args] = process.argv.slice(1);
  const script = `bench/${basename(entry)}`;
  const shown = args.filter((word, index) => !word.startsWith('--json') && args[index - 1] !== '--json');
  const result: Result = {
    benchmark: basename(script, '.ts'),
    command: ['node', script, ...shown].join(' '),
    takenAt: new Date().toISOString().slice(0, 10),
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim(),
    machine: {
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
      node: process.version,
    },
    figures: roundDeep(figures),
    missed,
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Rows under a head, columns aligned; numbers with as many digits as they were given. */
export function printTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
  const cells = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ');
  const [title, ...body] = cells.map(line);
  console.log([title, widths.map((width) => '-'.repeat(width)).join('  '), ...body].join('\n'));
}

const fileSystems: Readonly<Record<number, string>> = {
  0xef53: 'ext4',
  0x01021994: 'tmpfs',
  0x9123683e: 'btrfs',
  0x58465342: 'xfs',
};

/** What a folder lies on, in words. */
export function describeDisk(folder: string): string {
  const { type, bavail, bsize } = statfsSync(folder);
  return `${fileSystems[type] ?? `file system 0x${type.toString(16)}`}, ${Math.round((bavail * bsize) / 1e9)} GB free`;
}
