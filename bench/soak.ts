/**
 * Trouble without end: every fault of the simulator, alone and in pairs, on many cameras at once. Finds out whether streams come back.
 * node bench/soak.ts [--rounds 100] [--cameras 100] [--stall-ms 2000] [--only KIND]   · about 20 minutes; prints one JSON line, exit code 1 when a bar is missed
 * node bench/soak.ts --minutes 60 [--cameras 50] [--mbit 2] [--seed N]   · an hour under random faults, the agent as a process: see soak/hour.ts
 * node bench/soak.ts --fuzz [--minutes 10] [--seed N]                    · any bytes from a camera: see soak/fuzz.ts
 * `--json FILE` keeps what was found.
 */
import { parseArgs } from 'node:util';
import { writeResult } from './report.ts';
import { runFuzz } from './soak/fuzz.ts';
import { runHour } from './soak/hour.ts';
import { runTrouble, type SoakResult } from './soak/run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    cameras: { type: 'string' },
    'stall-ms': { type: 'string', default: '2000' },
    fuzz: { type: 'boolean', default: false },
    minutes: { type: 'string' },
    mbit: { type: 'string', default: '2' },
    only: { type: 'string' },
    json: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
  },
});

const toNumber = (name: string, text: string): number => {
  const number = Number(text);
  if (number > 0 || (name === 'seed' && number === 0)) return number;
  console.error(`--${name} ${text}: give a number above 0.`);
  process.exit(2);
};

const seed = toNumber('seed', values.seed);
const stallMs = toNumber('stall-ms', values['stall-ms']);

function run(): Promise<SoakResult> {
  const { minutes, cameras } = values;
  if (values.fuzz) return runFuzz({ minutes: toNumber('minutes', minutes ?? '10'), seed });
  if (minutes !== undefined)
    return runHour({
      ...{ minutes: toNumber('minutes', minutes), cameras: toNumber('cameras', cameras ?? '50'), stallMs, seed },
      mbitPerSecond: toNumber('mbit', values.mbit),
    });
  return runTrouble({
    ...{ rounds: toNumber('rounds', values.rounds), cameras: toNumber('cameras', cameras ?? '100') },
    ...{ stallMs, seed, only: values.only },
  });
}

const result = await run();
console.log(JSON.stringify(result));
if (values.json !== undefined) writeResult(values.json, result, result.missed);
process.exit(result.missed.length > 0 ? 1 : 0);
