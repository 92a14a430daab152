/** Every trouble of the simulator, alone and in pairs, and what a camera line has to make of it. */
import { parseFault, type Fault } from '../../simulator/src/faults/index.ts';

/**
 * `kept`: video goes on and the camera stays online. `silent`: it ends without a word, found by the stall limit. `broken`: the connection
 * ends. `any`: either may happen (bytes that are no RTSP can be stepped over).
 */
export type Outcome = 'kept' | 'silent' | 'broken' | 'any';

/** One kind of trouble in the ways it comes. */
export type Trouble = { readonly kind: string; readonly outcome: Outcome; readonly ways: readonly string[] };

/** What concerns new connections only is told together with a reset. */
const reopened = (...ways: string[]): string[] => ways.map((way) => `close=reset,${way}`);

export const troubles: readonly Trouble[] = [
  { kind: 'drop', outcome: 'kept', ways: ['drop=0.2', 'drop=0.02'] },
  { kind: 'reorder', outcome: 'kept', ways: ['reorder=0.3'] },
  { kind: 'duplicate', outcome: 'kept', ways: ['duplicate=0.3'] },
  { kind: 'corrupt', outcome: 'kept', ways: ['corrupt=0.2', 'corrupt=1'] },
  { kind: 'delay', outcome: 'kept', ways: ['delay=400'] },
  { kind: 'jitter', outcome: 'kept', ways: ['jitter=300'] },
  { kind: 'stall', outcome: 'silent', ways: ['stall', 'stall=video'] },
  { kind: 'half-open', outcome: 'silent', ways: ['half-open'] },
  { kind: 'close', outcome: 'broken', ways: ['close', 'close=reset'] },
  {
    kind: 'refuse',
    outcome: 'broken',
    ways: reopened('refuse', 'refuse=unavailable', 'refuse=full', 'refuse=password', 'refuse=redirect'),
  },
  { kind: 'bad-rtcp', outcome: 'kept', ways: ['bad-rtcp'] },
  { kind: 'clock-jump', outcome: 'kept', ways: ['clock-jump=3600000', 'clock-jump=-86400000'] },
  { kind: 'timestamp-jump', outcome: 'kept', ways: ['timestamp-jump=20000', 'timestamp-jump=-20000'] },
  { kind: 'parameter-change', outcome: 'kept', ways: ['parameter-change'] },
  { kind: 'no-key-frames', outcome: 'kept', ways: ['no-key-frames'] },
  { kind: 'marker', outcome: 'kept', ways: ['marker', 'marker=never'] },
  { kind: 'restart', outcome: 'kept', ways: ['restart'] },
  { kind: 'describe', outcome: 'broken', ways: reopened('describe', 'describe=long', 'describe=short') },
  { kind: 'drip', outcome: 'silent', ways: ['drip=1', 'drip=40'] },
  { kind: 'session-timeout', outcome: 'broken', ways: reopened('session-timeout=1') },
  { kind: 'keep-alive', outcome: 'broken', ways: reopened('keep-alive', 'keep-alive=silent') },
  { kind: 'transport', outcome: 'any', ways: reopened('transport=no-tcp', 'transport=no-udp', 'transport=udp-lost') },
  { kind: 'garbage', outcome: 'any', ways: ['garbage'] },
  { kind: 'reboot', outcome: 'broken', ways: ['reboot'] },
  { kind: 'swap', outcome: 'broken', ways: ['swap'] },
];

/** One round on one camera. */
export type Unit = { readonly name: string; readonly fault: Fault; readonly outcome: Outcome };

const worst: Readonly<Record<Outcome, number>> = { kept: 0, any: 1, silent: 2, broken: 3 };

function toUnit(parts: readonly Trouble[], round: number): Unit {
  const fault = Object.assign(
    {},
    ...parts.map(({ ways }, index) => parseFault(ways[(round + index) % ways.length]!)),
  ) as Fault;
  const outcome = parts.map((part) => part.outcome).reduce((a, b) => (worst[a] >= worst[b] ? a : b));
  return { name: parts.map(({ kind }) => kind).join(' + '), fault, outcome };
}

/** All troubles alone and in pairs, so often each, the ways of each in turn; mixed so that a camera meets all sorts. */
export function toUnits(rounds: number, random: () => number): Unit[] {
  const units: Unit[] = [];
  for (let round = 0; round < rounds; round++) {
    troubles.forEach((first, index) => {
      units.push(toUnit([first], round));
      for (const second of troubles.slice(index + 1)) units.push(toUnit([first, second], round + index));
    });
  }
  for (let at = units.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [units[at], units[other]] = [units[other]!, units[at]!];
  }
  return units;
}
