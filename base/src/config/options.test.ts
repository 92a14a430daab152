import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { HouseError } from '#errors';
import { options, parseOptions } from './index.ts';

const table = {
  data: options.path(),
  host: options.text('127.0.0.1'),
  port: options.port(8440),
  level: options.level(),
  web: options.optionalPath(),
};

test('given options are parsed, others take their fallback', () => {
  assert.deepEqual(parseOptions(['--data', 'x', '--port', '0'], table), {
    data: resolve('x'),
    host: '127.0.0.1',
    port: 0,
    level: 'warn',
    web: undefined,
  });
});

test('a missing, unknown or bad option is one line that says what to do', () => {
  for (const args of [
    [],
    ['--data', 'x', '--what', 'y'],
    ['--data', 'x', '--port', '70000'],
    ['--data', 'x', '--level', 'loud'],
    ['--data'],
  ]) {
    assert.throws(
      () => parseOptions(args, table),
      (error: unknown) => error instanceof HouseError && error.kind === 'invalid' && !error.message.includes('\n'),
      args.join(' '),
    );
  }
});
