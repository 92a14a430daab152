import pino from 'pino';
import { systemClock, type Clock } from '#clock';
import { redact, redactText } from './redact.ts';
import { openRepeats, type Repeats } from './repeats.ts';

/** From loudest to quietest. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What a room may say. `fields` are flat values with units in their names; never a secret. */
export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
  /** A log that adds these fields to every line. */
  child(fields: Record<string, unknown>): Log;
}

export type LogOptions = {
  readonly name: string;
  readonly level: LogLevel;
  readonly clock?: Clock;
  /** Where lines go; default: standard error. */
  readonly destination?: { write(line: string): unknown };
};

/** Lines of one name about the same of these are the same line said again. */
const subjects = ['camera', 'cameraId', 'stream', 'agent', 'shard', 'kind', 'part', 'reason', 'path'] as const;

/**
 * Opens the process's log: JSON lines on standard error. Secrets are masked wherever they stand. Warnings and errors that come again within an hour
 * are counted instead, and told once in the hour: "… and 41 more in the last hour". At `debug` every line is said.
 */
export function openLog({ name, level, clock = systemClock, destination }: LogOptions): Log {
  const formatters = { level: (label: string): object => ({ level: label }) };
  const logger = pino({ name, level, formatters }, destination ?? pino.destination(2));
  const repeats = openRepeats(clock);
  if (!destination) process.once('exit', () => repeats.flush());
  return wrap(logger, level === 'debug' ? undefined : repeats, {});
}

function wrap(logger: pino.Logger, repeats: Repeats | undefined, base: Readonly<Record<string, unknown>>): Log {
  const say = (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields: object): void =>
    logger[level](redact({ ...base, ...fields }) as object, redactText(message));
  const quiet =
    (level: 'debug' | 'info') =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (logger.isLevelEnabled(level)) say(level, message, fields);
    };
  const trouble =
    (level: 'warn' | 'error') =>
    (message: string, fields: Record<string, unknown> = {}): void => {
      if (!logger.isLevelEnabled(level)) return;
      const tell = (count: number): void => say(level, `${message} (… and ${count} more in the last hour)`, fields);
      if (!repeats || repeats.admit(toKey(message, { ...base, ...fields }), tell)) say(level, message, fields);
    };
  return {
    debug: quiet('debug'),
    info: quiet('info'),
    warn: trouble('warn'),
    error: trouble('error'),
    child: (fields) => wrap(logger, repeats, { ...base, ...fields }),
  };
}

function toKey(message: string, fields: Readonly<Record<string, unknown>>): string {
  const about = subjects.map((name) => {
    const value = fields[name];
    // Files of one folder are one trouble.
    if (typeof value !== 'string') return typeof value === 'number' ? String(value) : '';
    return name === 'path' ? value.replace(/[^/]*$/, '') : value;
  });
  return [message, ...about].join('\n');
}
