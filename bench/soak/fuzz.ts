/**
 * Any bytes from a camera, for minutes: transcripts are mutated and played to a camera line in a child process, which this one watches.
 * A child that ends, hangs or grows gives the transcript it was at to `agent/src/fuzzing/corpus`, where a test plays it for ever after.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  goodTranscripts,
  mutate,
  openRandom,
  writeTranscript,
  type Transcript,
} from '../../agent/src/fuzzing/index.ts';
import { payloadTranscripts, realTranscripts } from './real-transcripts.ts';
import type { SoakResult } from './run.ts';

/** Child → parent, after each transcript. */
export type FuzzReport = { readonly problem: string | undefined; readonly heapMiB: number | undefined };

/** One transcript takes some 30 ms; a machine under load takes longer, but never this. */
const hangMs = 20_000;
const growthMiB = 8;
/** Until then a child warms up: code is compiled, pools are filled. */
const warmReports = 2;
const corpus = join(import.meta.dirname, '../../agent/src/fuzzing/corpus');

type Turn = { readonly report: FuzzReport } | { readonly ended: string };

/** Runs for so long; `missed` names what went wrong and where its transcript lies. */
export async function runFuzz({ minutes, seed }: { minutes: number; seed: number }): Promise<SoakResult> {
  const random = openRandom(seed);
  // Recorded and broken answers over TCP, datagrams, payloads: each a third of the time, however many there are.
  const kinds = [
    [...goodTranscripts(), ...realTranscripts()],
    goodTranscripts('udp'),
    [...goodTranscripts('udp').slice(0, 1), ...payloadTranscripts()],
  ];
  const played = kinds.map(() => 0);
  const missed: string[] = [];
  const startedMs = performance.now();
  let transcripts = 0;
  let heaps: number[] = [];
  let child = openChild();
  while (performance.now() - startedMs < minutes * 60_000 && missed.length < 20) {
    const seeds = kinds[transcripts % kinds.length]!;
    const transcript = mutate(seeds[Math.floor(random() * seeds.length)]!, random);
    played[transcripts % kinds.length]! += 1;
    const turn = await play(child, transcript);
    transcripts++;
    if ('ended' in turn) {
      missed.push(keep(transcript, turn.ended));
      child.kill('SIGKILL');
      [child, heaps] = [openChild(), []];
      continue;
    }
    const { problem, heapMiB } = turn.report;
    if (problem !== undefined) missed.push(keep(transcript, problem));
    if (heapMiB !== undefined) heaps.push(heapMiB);
  }
  const first = heaps[warmReports];
  const last = heaps.at(-1);
  if (first !== undefined && last !== undefined && last > first + growthMiB) missed.push(`heap ${first} → ${last} MiB`);
  child.kill('SIGKILL');
  return {
    missed,
    seed,
    minutes,
    transcripts,
    played,
    seeds: kinds.map(({ length }) => length),
    heapMiB: { first, last },
  };
}

function openChild(): ChildProcess {
  const child = fork(join(import.meta.dirname, 'fuzz-child.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning', '--max-old-space-size=512'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

function play(child: ChildProcess, transcript: Transcript): Promise<Turn> {
  return new Promise((resolve) => {
    const end = (turn: Turn): void => {
      clearTimeout(timer);
      child.removeAllListeners();
      resolve(turn);
    };
    const timer = setTimeout(() => end({ ended: `hangs for ${hangMs / 1000} s` }), hangMs);
    child.once('exit', (code, signal) => end({ ended: `ended with ${code ?? signal}` }));
    child.once('message', (report) => end({ report: report as FuzzReport }));
    child.send(writeTranscript(transcript));
  });
}

/** The transcript becomes part of the corpus, named after what it holds. */
function keep(transcript: Transcript, problem: string): string {
  const text = writeTranscript(transcript);
  const name = `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.txt`;
  writeFileSync(join(corpus, name), text);
  return `${name}: ${problem}`;
}
