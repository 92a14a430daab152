import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { HouseError } from '#errors';
import type { LogLevel } from '#log';

/** One `--name VALUE`: how its text becomes a value, and what holds without it. */
export type Option<Value> = { parse(text: string, name: string): Value; readonly fallback?: { readonly value: Value } };
export type OptionTable = Readonly<Record<string, Option<unknown>>>;
type ValuesOf<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never;
};

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];
const bad = (message: string): HouseError => new HouseError('invalid', message);

/** Kinds of options. Without a fallback an option must be given. */
export const options = {
  text: (fallback?: string): Option<string> => ({
    parse: (text) => text,
    ...(fallback === undefined ? {} : { fallback: { value: fallback } }),
  }),
  optionalText: (): Option<string | undefined> => ({ parse: (text) => text, fallback: { value: undefined } }),
  /** A path, made absolute. */
  path: (): Option<string> => ({ parse: (text) => resolve(text) }),
  optionalPath: (): Option<string | undefined> => ({
    parse: (text) => resolve(text),
    fallback: { value: undefined },
  }),
  port: (fallback: number): Option<number> => ({
    parse(text, name) {
      const port = Number(text);
      if (!/^\d+$/.test(text) || port > 65_535) throw bad(`--${name} ${text}: give a number from 0 to 65535.`);
      return port;
    },
    fallback: { value: fallback },
  }),
  level: (): Option<LogLevel> => ({
    parse(text, name) {
      const level = levels.find((one) => one === text);
      if (level === undefined) throw bad(`--${name} ${text}: give one of ${levels.join(', ')}.`);
      return level;
    },
    fallback: { value: 'warn' },
  }),
};

/** Reads `--name value` arguments by a table. Throws `HouseError('invalid')` with one line of words. */
export function parseOptions<const Table extends OptionTable>(args: readonly string[], table: Table): ValuesOf<Table> {
  const given = parseText(args, Object.keys(table));
  const values = Object.entries(table).map(([name, option]): [string, unknown] => {
    const text = given[name];
    if (text !== undefined) return [name, option.parse(text, name)];
    if (option.fallback) return [name, option.fallback.value];
    throw bad(`--${name} is missing: give it with a value.`);
  });
  return Object.fromEntries(values) as ValuesOf<Table>;
}

function parseText(args: readonly string[], names: readonly string[]): Record<string, string | undefined> {
  try {
    const config = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
    return parseArgs({ args: [...args], options: config }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new HouseError('invalid', `${message}. Known: ${names.map((name) => `--${name}`).join(' ')}`, {
      cause: error,
    });
  }
}
