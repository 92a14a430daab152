import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { systemClock } from '@porchlight/base/clock';
import { HouseError, toHouseError } from '@porchlight/base/errors';
import { openLog } from '@porchlight/base/log';
import { parseFault } from '#faults';
import { openSimulator, type DigestKind, type SimulatedStream, type Simulator } from '#server';

const help = `simulate --file PATH | --demo   serves a video file over RTSP, on a seamless loop

  --port N          RTSP port (default 8554; 0 lets the system choose)
  --host ADDRESS    where to listen (default 127.0.0.1)
  --streams N       N copies: /cam1 … /camN; otherwise /main, and /sub for the demo
  --user NAME --password P --digest MD5|SHA-256|both|basic --qop
  --alternate PATH  shown by the fault parameter-change
  --replacement PATH  shown and described by the fault swap
  --fault [STREAM:]FAULT[,FAULT…]   trouble from the start; repeatable
While it runs, lines on standard input set trouble: "cam1 drop=0.01,delay=100", "cam1 none".
The line "counts" prints how many pictures each stream has sent so far, as JSON.`;

const assets = join(import.meta.dirname, '../assets');
/** The demo camera has a main and a sub-stream, as cameras do. */
const demoPaths: Readonly<Record<string, string>> = {
  main: join(assets, 'street.mov'),
  sub: join(assets, 'street-sub.mov'),
};
const digestKinds: readonly DigestKind[] = ['MD5', 'SHA-256', 'both', 'basic'];

const optionTable = {
  file: { type: 'string' },
  demo: { type: 'boolean' },
  port: { type: 'string' },
  host: { type: 'string' },
  streams: { type: 'string' },
  user: { type: 'string' },
  password: { type: 'string' },
  digest: { type: 'string' },
  qop: { type: 'boolean' },
  alternate: { type: 'string' },
  replacement: { type: 'string' },
  fault: { type: 'string', multiple: true },
  help: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof optionTable }>>['values'];

/** Prints the URLs, one in a line, when all of them can be played. */
async function main(): Promise<void> {
  const values = parseValues();
  if (values.help) {
    console.log(help);
    return;
  }
  const names = toNames(values);
  const simulator = await openFromValues(values, names);
  for (const text of values.fault ?? []) applyFault(simulator, names, text);
  for (const name of names) console.log(simulator.url(name));
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line.trim() === 'counts') console.log(writeCounts(simulator, names));
    else runLine(simulator, line);
  });
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    void simulator.close().finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, close);
  process.on('disconnect', close);
}

function parseValues(): Values {
  try {
    return parseArgs({ options: optionTable }).values;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message.split('. ')[0]! : String(error));
  }
}

function openFromValues(values: Values, names: readonly string[]): Promise<Simulator> {
  const { user, password, digest = 'MD5' } = values;
  const kind = digestKinds.find((one) => one.toLowerCase() === digest.toLowerCase());
  if (!kind) throw invalid(`--digest ${digest}: give one of ${digestKinds.join(', ')}`);
  if ((user === undefined) !== (password === undefined)) throw invalid('--user and --password go together');
  return openSimulator({
    clock: systemClock,
    log: openLog({ name: 'simulator', level: 'warn' }),
    streams: toStreams(values, names),
    port: toNumber('port', values.port ?? '8554', 65_535),
    host: values.host ?? '127.0.0.1',
    digest: kind,
    qop: values.qop ?? false,
    ...(user === undefined || password === undefined ? {} : { credentials: { username: user, password } }),
  });
}

function toNames({ streams, demo, file }: Values): string[] {
  if (streams === undefined) return demo && file === undefined ? Object.keys(demoPaths) : ['main'];
  const count = toNumber('streams', streams, 10_000);
  return Array.from({ length: Math.max(1, count) }, (_, index) => `cam${index + 1}`);
}

/** Copies begin at different places of the loop. */
function toStreams(values: Values, names: readonly string[]): Record<string, SimulatedStream> {
  const alternate = values.alternate === undefined ? {} : { alternate: { path: resolve(values.alternate) } };
  const replacement = values.replacement === undefined ? {} : { replacement: { path: resolve(values.replacement) } };
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      { path: findPath(values, name), startAtMs: toStart(name, index), ...alternate, ...replacement },
    ]),
  );
}

/** The demo's sub-stream shows what its main stream shows. */
function toStart(name: string, index: number): number {
  return name in demoPaths ? 0 : index * 997;
}

function findPath(values: Values, name: string): string {
  if (values.file !== undefined) return resolve(values.file);
  if (!values.demo) throw invalid('Nothing to play: give --file PATH or --demo');
  const path = demoPaths[name] ?? demoPaths['main']!;
  if (!existsSync(path)) throw new HouseError('not-found', `The demo film is missing: ${path}`);
  return path;
}

function toNumber(name: string, text: string, max: number): number {
  if (!/^\d+$/.test(text) || Number(text) > max) throw invalid(`--${name} ${text}: give a number from 0 to ${max}`);
  return Number(text);
}

/** `cam1:drop=0.1` for one stream, `drop=0.1` for all. */
function applyFault(simulator: Simulator, names: readonly string[], text: string): void {
  const colon = text.indexOf(':');
  const fault = parseFault(text.slice(colon + 1));
  for (const name of colon < 0 ? names : [text.slice(0, colon)]) simulator.setFault(name, fault);
}

function runLine(simulator: Simulator, line: string): void {
  const [name = '', text = ''] = line.trim().split(/\s+/);
  if (name === '') return;
  try {
    simulator.setFault(name, text === 'none' ? undefined : parseFault(text));
  } catch (error) {
    console.error(toHouseError(error).message);
  }
}

const writeCounts = (simulator: Simulator, names: readonly string[]): string =>
  JSON.stringify(Object.fromEntries(names.map((name) => [name, simulator.sentPictures(name)])));

function invalid(message: string): HouseError {
  return new HouseError('invalid', message, { fix: 'See --help.' });
}

main().catch((error: unknown) => {
  const { kind, message, fix } = toHouseError(error);
  console.error(fix === undefined ? message : `${message}. ${fix}`);
  process.exit(kind === 'internal' ? 1 : 2);
});
