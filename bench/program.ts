/** Programs that a benchmark starts and folders that it makes: all end with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
/** On the disk that the project lies on; not in git. */
export const cacheFolder = join(root, '.cache');
const killAfterMs = 6_000;

const started = new Set<ChildProcess>();
const folders = new Set<string>();

export type Program = {
  readonly pid: number;
  /** What matched `ready`. */
  readonly line: string;
  /** Writes a line to the program and resolves with the next whole line that matches; needs `ready` and `input`. */
  ask(line: string, answer: RegExp): Promise<string>;
  stop(): Promise<void>;
};

/** Starts a program that ends with the benchmark. Resolves with its first output line that matches. */
export async function startProgram(
  command: string,
  args: readonly string[],
  options: { ready?: RegExp; env?: Record<string, string>; quiet?: boolean; input?: boolean } = {},
): Promise<Program> {
  const silent = options.quiet ? 'ignore' : 'inherit';
  const child = spawn(command, [...args], {
    cwd: root,
    env: { ...process.env, ...options.env },
    stdio: [options.input ? 'pipe' : 'ignore', options.ready ? 'pipe' : silent, silent],
  });
  started.add(child);
  const line = await new Promise<string>((done, failed) => {
    let text = '';
    child.once('error', failed);
    child.once('exit', (code) => failed(new Error(`${command} ended with ${code}: ${text}`)));
    if (!options.ready) done('');
    const onData = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-100_000);
      const found = options.ready && options.ready.exec(text);
      if (!found) return;
      child.stdout?.off('data', onData);
      child.stdout?.resume();
      done(found[0]);
    };
    child.stdout?.on('data', onData);
  });
  return {
    pid: child.pid!,
    line,
    ask: (words, answer) => askProgram(child, words, answer),
    stop: () =>
      new Promise((done) => {
        started.delete(child);
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.once('exit', () => done());
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), killAfterMs).unref();
      }),
  };
}

function askProgram(child: ChildProcess, words: string, answer: RegExp): Promise<string> {
  return new Promise((done, failed) => {
    let text = '';
    const onExit = (): void => failed(new Error(`The program ended before it answered "${words}"`));
    child.once('exit', onExit);
    child.stdout!.on('data', function onData(chunk: Buffer) {
      text += chunk.toString();
      const found = text
        .split('\n')
        .slice(0, -1)
        .find((line) => answer.test(line));
      if (found === undefined) return;
      child.stdout!.off('data', onData);
      child.stdout!.resume();
      child.off('exit', onExit);
      done(found);
    });
    child.stdin!.write(`${words}\n`);
  });
}

/** Starts the simulator on a port of its own; `base` is `rtsp://host:port`, paths are /cam1… */
export async function startSimulator(args: readonly string[]): Promise<Program & { readonly base: string }> {
  const entry = join(root, 'simulator/src/main.ts');
  const options = { ready: /rtsp:\/\/\S+\s/, input: true };
  const program = await startProgram(process.execPath, [entry, ...args, '--port', '0'], options);
  return { ...program, base: /rtsp:\/\/[^/\s]+/.exec(program.line)![0] };
}

/** Starts so many cameras of one movie; resolves when all can be played. */
export const startCameras = (file: string, count: number): ReturnType<typeof startSimulator> =>
  startSimulator(['--file', file, '--streams', String(count)]);

/** A fresh folder under `parent` that goes when the benchmark ends, whatever ends it; those that a killed one left go now. */
export function openFolder(name: string, parent = cacheFolder): string {
  mkdirSync(parent, { recursive: true });
  for (const left of readdirSync(parent)) {
    const [, owner, pid] = /^(.+)-(\d+)-[A-Za-z0-9]{6}$/.exec(left) ?? [];
    if (owner === name && !existsSync(`/proc/${pid}`)) rmSync(join(parent, left), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(parent, `${name}-${process.pid}-`));
  folders.add(folder);
  return folder;
}

process.on('exit', () => {
  for (const child of started) child.kill('SIGTERM');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));
