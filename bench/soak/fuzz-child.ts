/** Plays transcripts to a camera line, one after the other, in a process that may fail. In: a transcript. Out: `FuzzReport`. */
import { parseTranscript, runTranscript } from '../../agent/src/fuzzing/index.ts';
import type { FuzzReport } from './fuzz.ts';
import { countHoldings, openCountingClock } from './leaks.ts';

const clock = openCountingClock();
const heapEvery = 200;
let played = 0;

/** Before the parent gives up: a thread that lives says what it waits for. */
const waitsMs = 15_000;

process.on('message', (text: string) => {
  let answered = false;
  const answer = (report: FuzzReport): void => {
    if (!answered) process.send?.(report);
    answered = true;
  };
  const timer = setTimeout(() => {
    const waitsFor = process.getActiveResourcesInfo().join(' ');
    answer({ problem: `hangs, its thread alive, holding ${waitsFor}`, heapMiB: undefined });
  }, waitsMs);
  void runTranscript(parseTranscript(text)).then(({ problem }) => {
    clearTimeout(timer);
    const heapMiB = ++played % heapEvery === 0 ? countHoldings(clock).heapMiB : undefined;
    answer({ problem, heapMiB });
  });
});
process.on('disconnect', () => process.exit(0));
