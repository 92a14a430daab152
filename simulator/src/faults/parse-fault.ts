import { HouseError } from '@porchlight/base/errors';
import type { Fault } from './fault.ts';

type Reader = (value: string | undefined) => Partial<Fault> | undefined;

const numberReader =
  (name: keyof Fault, min: number, max: number): Reader =>
  (value) => {
    const number = Number(value ?? Number.NaN);
    return value !== '' && number >= min && number <= max ? { [name]: number } : undefined;
  };
const flagReader =
  (name: keyof Fault): Reader =>
  (value) =>
    value === undefined ? { [name]: true } : undefined;
const wordReader =
  (name: keyof Fault, words: readonly string[]): Reader =>
  (value = words[0]!) =>
    words.includes(value) ? { [name]: value } : undefined;

const readers: Readonly<Record<string, Reader>> = {
  drop: numberReader('drop', 0, 1),
  reorder: numberReader('reorder', 0, 1),
  corrupt: numberReader('corrupt', 0, 1),
  duplicate: numberReader('duplicate', 0, 1),
  delay: numberReader('delayMs', 0, 600_000),
  jitter: numberReader('jitterMs', 0, 60_000),
  stall: (value) => (value === undefined ? { stall: true } : value === 'video' ? { stall: 'video' } : undefined),
  'half-open': flagReader('halfOpen'),
  close: wordReader('close', ['fin', 'reset']),
  refuse: wordReader('refuse', ['close', 'unavailable', 'full', 'password', 'redirect']),
  describe: wordReader('describe', ['nonsense', 'long', 'short']),
  drip: numberReader('dripBytesPerSecond', 1, 1e6),
  'session-timeout': numberReader('sessionTimeoutS', 1, 3600),
  'keep-alive': wordReader('keepAlive', ['refused', 'silent']),
  transport: wordReader('transport', ['no-tcp', 'no-udp', 'udp-lost']),
  garbage: flagReader('garbage'),
  reboot: flagReader('reboot'),
  swap: flagReader('swap'),
  'bad-rtcp': flagReader('badRtcp'),
  'clock-jump': numberReader('clockJumpMs', -1e12, 1e12),
  'timestamp-jump': numberReader('timestampJumpMs', -1e9, 1e9),
  'parameter-change': flagReader('parameterChange'),
  'no-key-frames': flagReader('noKeyFrames'),
  marker: wordReader('marker', ['always', 'never']),
  restart: flagReader('restart'),
};

/** Words that `parseFault` understands. */
export const faultWords: readonly string[] = Object.keys(readers);

/** A fault as on the command line: `drop=0.01,delay=100,stall`. Throws `HouseError` for anything else. */
export function parseFault(text: string): Fault {
  let fault: Fault = {};
  for (const part of text.split(',')) {
    const [name = '', value] = part.trim().split('=');
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    const fields = read?.(value);
    if (!fields) {
      throw new HouseError('invalid', `Unknown fault or value: ${part.trim()}`, {
        fix: `Use ${faultWords.join(', ')}.`,
      });
    }
    fault = { ...fault, ...fields };
  }
  return fault;
}
