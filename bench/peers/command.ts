import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder, root, startProgram } from '../program.ts';
import type { NotMeasured, Prepared, RunningPeer } from './peer.ts';

const execute = promisify(execFile);
const buildLimitMs = 900_000;

/** What is kept of a machine's words names neither its folders nor where its registries are. */
const withoutPlaces = (words: string): string =>
  words.replaceAll(root, '.').replace(/https?:\/\/[^\s:]+/g, 'the registry');

/** Runs a command to its end. */
async function tryCommand(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ readonly kind: 'done'; readonly output: string } | NotMeasured> {
  try {
    const options = { env: { ...process.env, ...env }, timeout: buildLimitMs, maxBuffer: 64 << 20 };
    const { stdout } = await execute(command, [...args], options);
    return { kind: 'done', output: stdout };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    const words = (stderr.trim() || message).split(/\n\s*/).filter((line) => line !== '');
    const [shown, said] = [[command, ...args].join(' '), words.slice(-3).join(' ')].map(withoutPlaces);
    return { kind: 'not-measured', command: shown!, error: said! };
  }
}

/** Looks whether a program is there, by asking for its version. */
export async function findProgram(program: string, args: readonly string[]): Promise<Prepared> {
  const tried = await tryCommand(program, args);
  if (tried.kind === 'not-measured') return tried;
  return { kind: 'ready', program, version: tried.output.split('\n')[0]!.trim() };
}

export type Build = {
  readonly program: string;
  /** Asks it for its version. */
  readonly version: readonly string[];
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Where the command leaves the program. */
  readonly made: string;
};

/** A program that is on the machine, or was built before, or is built now from its registry into the cache. */
export async function buildProgram(build: Build): Promise<Prepared> {
  for (const program of [build.program, build.made]) {
    const found = await findProgram(program, build.version);
    if (found.kind === 'ready') return found;
  }
  const tried = await tryCommand(build.command, build.args, build.env);
  return tried.kind === 'not-measured' ? tried : findProgram(build.made, build.version);
}

/** `go install` of the newest version that the module proxy gives. */
export function goBuild(program: string, module: string, version: readonly string[]): Build {
  const folder = join(cacheFolder, 'go');
  const made = join(folder, 'bin', program);
  const args = ['install', `${module}@latest`];
  return { program, version, command: 'go', args, env: { GOPATH: folder, GOFLAGS: '-modcacherw', GOBIN: '' }, made };
}

/** One process per camera. */
export async function startOneEach(program: string, lines: readonly (readonly string[])[]): Promise<RunningPeer> {
  const programs = await Promise.all(lines.map((args) => startProgram(program, args, { quiet: true })));
  return {
    pids: () => programs.map(({ pid }) => pid),
    stop: async () => void (await Promise.all(programs.map((one) => one.stop()))),
  };
}

/** A port that nobody has just now. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
