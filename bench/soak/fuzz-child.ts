/** Plays transcripts to a camera line, one after the other, in a process that may fail. In: a transcript. Out: `FuzzReport`. */
import { parseTranscript, runTranscript } from '../../agent/src/fuzzing/index.ts';
import type { FuzzReport } from './fuzz.ts';
import { countHoldings, openCountingClock } from './leaks.ts';

const clock = openCountingClock();
const heapEvery = 200;
let played = 0;

process.on('message', (text: string) => {
  void runTranscript(parseTranscript(text)).then(({ problem }) => {
    const heapMiB = ++played % heapEvery === 0 ? countHoldings(clock).heapMiB : undefined;
    process.send?.({ problem, heapMiB } satisfies FuzzReport);
  });
});
process.on('disconnect', () => process.exit(0));
