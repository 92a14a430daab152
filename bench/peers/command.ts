import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { startProgram } from '../program.ts';
import type { Prepared, RunningPeer } from './peer.ts';

const execute = promisify(execFile);
const buildLimitMs = 900_000;

/** Runs a command to its end; `ready` with the first line that it prints. */
export async function tryCommand(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Prepared> {
  try {
    const options = { env: { ...process.env, ...env }, timeout: buildLimitMs, maxBuffer: 64 << 20 };
    const { stdout } = await execute(command, [...args], options);
    return { kind: 'ready', version: stdout.split('\n')[0]!.trim() };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const words = stderr.trim() === '' ? message : stderr;
    return {
      kind: 'missing',
      command: [command, ...args].join(' '),
      error: words.trim().split(/\n\s*/).slice(-3).join(' '),
    };
  }
}

/** One process per camera. */
export async function startOneEach(
  command: string,
  lines: readonly (readonly string[])[],
  folder: string,
): Promise<RunningPeer> {
  mkdirSync(folder, { recursive: true });
  const programs = await Promise.all(lines.map((args) => startProgram(command, args, { quiet: true })));
  return {
    pids: () => programs.map(({ pid }) => pid),
    stop: async () => void (await Promise.all(programs.map((program) => program.stop()))),
  };
}
