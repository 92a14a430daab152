import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { agentFlags } from '#supervisor';

const root = resolve(import.meta.dirname, '../../..');

export const agentHelp = `porchlight agent [options]   Only the agent: connect, record, serve; no accounts, no page.

  --data DIR --archive DIR --socket PATH   where its state and footage are kept, and where it listens
  --cameras FILE.json                      cameras to record, without a hub
  --level LEVEL                            debug, info, warn, error, silent`;

export const simulateHelp = `porchlight simulate [options]   A camera that is not there: serves a video file over RTSP.

  --file PATH | --demo      what to play, on a seamless loop
  --port N                  RTSP port (default 8554)
  --user NAME --password P  ask for Digest credentials
  --streams N               serve N copies: /cam1 … /camN
  --fault KIND              make trouble: see docs/guide/simulator.md`;

export const fsckHelp = `porchlight fsck [options]   Look after the archive: do files and index agree?

  --data DIR                data folder of the house (default ./data)
  --archive DIR             where its footage is (default DIR/archive)
  --deep                    read every file and compare its hash; check the record
  --repair                  make them agree: adopt, cut, quarantine; never deletes a file. Porchlight must be stopped
  --rebuild-index           make the index anew from the files alone; the old one is put aside
  --json                    the report as JSON
  Exit codes: 0 they agree, 1 they do not, 2 bad use.`;

export const verifyHelp = `porchlight verify PATH [options]   Check footage without the house: hashes, record, signatures, witnesses.

  PATH                      a clip with its .proof.json, a manifest, a folder of them, or an archive's folder
  --house FINGERPRINT       the house it must come from
  --heads FILE              what the hub has written down: the answer of /api/cameras/ID/proof; again for more
  --json                    the outcome as JSON
  Exit codes: 0 proved, 1 broken, 2 bad use, 3 nothing wrong but not all of it proved.`;

/** Runs the agent in this terminal. */
export const runAgent = (args: readonly string[]): Promise<number> => runProgram('agent/src/main.ts', args, agentFlags);

/** Runs the simulator in this terminal. */
export const runSimulator = (args: readonly string[]): Promise<number> => runProgram('simulator/src/main.ts', args, []);

/** Looks after an archive. */
export const runFsck = (args: readonly string[]): Promise<number> => runProgram('agent/src/fsck/main.ts', args, []);

/** Checks footage without the house. */
export const runVerify = (args: readonly string[]): Promise<number> => runProgram('agent/src/verify/main.ts', args, []);

function runProgram(entry: string, args: readonly string[], flags: readonly string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...flags, join(root, entry), ...args],
    {
      stdio: 'inherit',
      env: { ...process.env, UV_THREADPOOL_SIZE: '8' },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((done, failed) => {
    child.on('error', failed);
    child.on('exit', (code) => done(code ?? 1));
  });
}
