/**
 * Trouble without end: every fault of the simulator, alone and in pairs, on many cameras at once. Finds out whether streams come back.
 * node bench/soak.ts [--rounds 100] [--cameras 100] [--stall-ms 2000] [--only KIND]   · about 20 minutes; prints one JSON line, exit code 1 when a bar is missed
 * node bench/soak.ts --fuzz [--minutes 10] [--seed N]                    · any bytes from a camera: see soak/fuzz.ts
 */
import { parseArgs } from 'node:util';
import { runFuzz } from './soak/fuzz.ts';
import { runTrouble } from './soak/run.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    cameras: { type: 'string', default: '100' },
    'stall-ms': { type: 'string', default: '2000' },
    fuzz: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    only: { type: 'string' },
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
const result = values.fuzz
  ? await runFuzz({ minutes: toNumber('minutes', values.minutes), seed })
  : await runTrouble({
      ...{ rounds: toNumber('rounds', values.rounds), cameras: toNumber('cameras', values.cameras) },
      ...{ stallMs: toNumber('stall-ms', values['stall-ms']), seed, only: values.only },
    });
console.log(JSON.stringify(result));
process.exit(result.missed.length > 0 ? 1 : 0);
