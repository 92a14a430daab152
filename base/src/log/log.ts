import pino from 'pino';

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

const redactedFields = ['password', 'authorization', 'cookie', 'token', 'secret', 'credentials'];

function wrap(logger: pino.Logger): Log {
  const line =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      logger[level](fields, message);
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (fields) => wrap(logger.child(fields)),
  };
}

/** Opens the process's log on standard error. Credentials inside URLs and well-known secret fields are masked. */
export function openLog(options: { name: string; level: LogLevel }): Log {
  const redact = { paths: redactedFields.flatMap((field) => [field, `*.${field}`]), censor: '[redacted]' };
  const formatters = {
    log: (fields: Record<string, unknown>): Record<string, unknown> =>
      Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, maskUrlCredentials(value)])),
  };
  return wrap(pino({ name: options.name, level: options.level, redact, formatters }, pino.destination(2)));
}

function maskUrlCredentials(value: unknown): unknown {
  if (value instanceof Error)
    return { message: maskUrlCredentials(value.message), stack: maskUrlCredentials(value.stack) };
  return typeof value === 'string' ? value.replace(/(\w+:\/\/)[^/\s@]+@/g, '$1') : value;
}
